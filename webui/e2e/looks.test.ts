// Every screen in both languages, both themes and three widths: no fault of axe, and a picture to look at in build/screens.
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { House } from "./house.ts";
import { settled } from "./settled.ts";

const people = {
  kim: "김서연",
  lee: "이준호",
  park: "박지민",
  choi: "최유진",
  jung: "정하늘",
  han: "한소희",
  emma: "Emma Hwang",
  "lone-light": "외톨이",
  "lone-dark": "혼자",
};
let house: House;
let browser: Browser;
let room: string;

beforeAll(async () => {
  house = await House.open(people);
  house.add("fresh", "새 직원", "--must-change");
  browser = await startBrowser();
  const calls = Object.fromEntries(
    await Promise.all(["kim", "lee", "park", "emma"].map(async (id) => [id, await house.as(id)] as const)),
  );
  const { kim, lee, park, emma } = calls as Record<"kim" | "lee" | "park" | "emma", Awaited<ReturnType<House["as"]>>>;
  const pair = await kim.room(["lee"]);
  await lee.say(pair, "팀장님, 이번 주 견적서 초안 올려 두었습니다.");
  await kim.say(pair, "네, 오후에 볼게요.");
  await lee.say(pair, "감사합니다 🙏");
  const abroad = await emma.room(["kim"]);
  await emma.say(abroad, "Could you send me the updated price list before the call with Busan?");
  room = await kim.room(["lee", "park", "choi", "jung", "emma"], "신제품 출시 준비");
  await park.say(room, "플랫폼 쪽은 이번 주 금요일에 코드 동결합니다.");
  await park.say(room, "시험 결과도 같이 올릴게요.\n- 동시 접속 5,000명 이상 없음\n- 평균 응답 1.6ms");
  await emma.say(
    room,
    "The press release is translated: https://intranet.example.com/press/12 — please read it before noon.",
  );
  await kim.say(room, "고마워요. 다들 먼저 읽고 와 주세요.");
  await kim.say(room, "👍");
  await lee.say(
    room,
    "회의실은 7층 대회의실로 잡았습니다. 참석이 어려우신 분은 미리 말씀해 주세요, 화상 회의 주소를 따로 보내 드릴게요.",
  );
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

for (const width of [1280, 800, 360] as const) {
  for (const lang of ["ko", "en"] as const) {
    for (const theme of ["light", "dark"] as const) {
      test(`every screen is in order: ${lang}, ${theme}, ${width} px`, async () => {
        const look = { lang, theme, width, height: width === 360 ? 740 : 800 };
        const v = await Viewer.open(browser, house, look);
        const faults: string[] = [];
        const shot = async (name: string) => {
          await v.page.evaluate(() => document.fonts.ready);
          // What opens has opened: pictures show the end of every motion.
          await settled(v.page);
          await v.page.screenshot({ path: join(screens, `${name}-${lang}-${theme}-${width}.png`) });
          for (const f of await findings(v.page)) faults.push(`${name}: ${f}`);
        };
        const say = (ko: string, en: string) => (lang === "ko" ? ko : en);

        await v.page.locator("form").waitFor();
        await v.signIn("kim", "wrong");
        await v.page.getByRole("alert").waitFor();
        await shot("signin");
        await v.signIn("kim");
        await v.ready();
        await v.row(room).waitFor();
        await shot("list");
        await v.openRoom(room);
        await v.bubble("회의실은 7층").waitFor();
        await shot("room");
        await v.page.getByRole("button", { name: say("대화 상대", "Members") }).click();
        await v.page.locator("aside").getByText("정하늘").waitFor();
        await shot("members");
        await v.page.keyboard.press("Escape");
        await v.bubble("회의실은 7층").click({ button: "right" });
        await v.page.getByRole("menu").waitFor();
        await shot("menu");
        await v.page.keyboard.press("Escape");
        await v.page.keyboard.press("Control+k");
        await v.page.getByRole("option").first().waitFor();
        await shot("jump");
        await v.page.keyboard.press("Escape");
        await v.page.keyboard.press("Alt+n");
        await v.page.getByRole("option", { name: /박지민/ }).click();
        await v.page.getByRole("option", { name: /한소희/ }).click();
        await shot("new");
        await v.page.keyboard.press("Escape");
        await v.page.keyboard.press("Control+,");
        await v.page.getByRole("dialog").waitFor();
        await shot("settings");
        await v.page.keyboard.press("Escape");
        if (width === 1280) {
          await v.page.getByRole("button", { name: say("사람", "People"), exact: true }).click();
          await v.page.locator("[data-user]").first().waitFor();
          await v.page.keyboard.press("?");
          await v.page.getByRole("dialog").waitFor();
          await shot("keys");
          await v.page.keyboard.press("Escape");
          await shot("people");
        }
        expect(faults).toEqual([]);
        expect(v.faults).toEqual([]);
        // Nothing is wider than the screen.
        expect(await v.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
        await v.close();
      });
    }
  }
}

test("the states of trouble are in order too", async () => {
  for (const theme of ["light", "dark"] as const) {
    const v = await Viewer.signedIn(browser, house, `lone-${theme}`, { theme });
    const faults: string[] = [];
    const shot = async (name: string) => {
      await settled(v.page);
      await v.page.screenshot({ path: join(screens, `${name}-ko-${theme}-1280.png`) });
      for (const f of await findings(v.page)) faults.push(`${name}: ${f}`);
    };
    await v.page.getByText("첫 채팅을 시작해 보세요").waitFor();
    await shot("empty");
    await v.page.getByRole("button", { name: "사람", exact: true }).click();
    await v.page.locator('[data-user="han"]').click();
    await v.box.waitFor();
    await v.page.getByText("첫 메시지를 보내 보세요").or(v.page.getByText("보내진 글")).first().waitFor();
    await v.say("보내진 글");
    await v.page.locator('article[data-state="sent"]', { hasText: "보내진 글" }).last().waitFor();
    await house.kill();
    await v.say("보내지 못한 글");
    await v.bubble("보내지 못한 글").getByRole("button", { name: "다시 보내기" }).waitFor();
    await v.page.getByText("연결이 끊겼어요").waitFor();
    await shot("lost");
    await house.start();
    await v.page.getByText("연결이 끊겼어요").waitFor({ state: "detached" });
    const elsewhere = await Viewer.signedIn(browser, house, `lone-${theme}`);
    await v.page.getByRole("alertdialog").waitFor();
    await shot("replaced");
    await elsewhere.close();
    expect(faults).toEqual([]);
    await v.close();
  }
  const v = await Viewer.open(browser, house);
  await v.signIn("fresh");
  await v.page.getByRole("button", { name: "비밀번호 변경" }).waitFor();
  await v.page.screenshot({ path: join(screens, "change-ko-light-1280.png") });
  expect(await findings(v.page)).toEqual([]);
  await v.close();
});
