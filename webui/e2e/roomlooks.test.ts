// What rooms have of menus, sheets and marks, in both languages, both themes and four widths: no fault of axe, and a
// picture to look at in build/screens.
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
};
let house: House;
let browser: Browser;
let team: string;
let lunch: string;
let pair: string;

beforeAll(async () => {
  house = await House.open(people);
  browser = await startBrowser();
  const [kim, lee, emma] = [await house.as("kim"), await house.as("lee"), await house.as("emma")];
  pair = await kim.room(["lee"]);
  await lee.say(pair, "팀장님, 이번 주 견적서 초안 올려 두었습니다.");
  const abroad = await emma.room(["kim"]);
  await emma.say(abroad, "Could you send me the updated price list?");
  team = await kim.room(["lee", "park", "choi", "jung", "emma"], "신제품 출시 준비");
  await lee.say(team, "회의실은 7층입니다.");
  lunch = await kim.room(["lee", "park", "han"]);
  await lee.say(lunch, "점심 뭐 드실래요?");
  const long = await kim.room(["han", "jung"], "아주 긴 이름을 가진 대화방이라서 줄임표가 보여야 하는 방");
  await kim.say(long, "네");
  await kim.say(await kim.room([]), "우유 사기");
  await kim.command("room.mine", { room: team, pinned: true });
  await kim.command("room.mine", { room: long, pinned: true, notify: "mentions" });
  await kim.command("room.mine", { room: lunch, notify: "none" });
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

for (const [width, lang, theme] of [
  [1440, "ko", "light"],
  [1280, "en", "dark"],
  [800, "ko", "dark"],
  [360, "en", "light"],
] as const) {
  test(`rooms are in order: ${lang}, ${theme}, ${width} px`, async () => {
    const v = await Viewer.signedIn(browser, house, "kim", { lang, theme, width, height: width === 360 ? 740 : 800 });
    const { page } = v;
    const faults: string[] = [];
    const shot = async (name: string) => {
      await settled(page);
      await page.screenshot({ path: join(screens, `rooms-${name}-${lang}-${theme}-${width}.png`) });
      for (const f of await findings(page)) faults.push(`${name}: ${f}`);
    };
    const say = (ko: string, en: string) => (lang === "ko" ? ko : en);
    const item = (name: string) => page.getByRole("menuitem", { name, exact: true });

    await v.row(team).waitFor();
    await shot("list");
    await v.row(team).click({ button: "right" });
    await page.getByRole("menu").waitFor();
    await shot("menu");
    await item(say("알림", "Notifications")).click();
    await page.getByRole("menuitemradio").first().waitFor();
    await shot("notify");
    await page.keyboard.press("Escape");

    await v.row(team).click({ button: "right" });
    await item(say("이름 바꾸기", "Rename")).click();
    await page.getByRole("dialog").waitFor();
    await shot("rename");
    await page.keyboard.press("Escape");

    await v.row(lunch).click({ button: "right" });
    await item(say("여러 개 선택", "Select several")).click();
    await v.row(pair).click();
    await shot("select");
    await page.getByRole("button", { name: say("나가기", "Leave") }).click();
    await page.getByRole("alertdialog").waitFor();
    await shot("leave");
    // Esc closes one layer at a time: the question, then the choosing.
    await page.keyboard.press("Escape");
    await page.getByText(say("2개 선택", "2 selected")).waitFor();
    await page.keyboard.press("Escape");
    await page.getByText(say("2개 선택", "2 selected")).waitFor({ state: "detached" });

    await v.openRoom(team);
    if (width < 1360) await page.getByRole("button", { name: say("대화 상대", "Members") }).click();
    await page.locator("aside").getByText("정하늘").waitFor();
    await shot("panel");
    await page.getByRole("button", { name: say("박지민 님 메뉴", "Menu of 박지민") }).click();
    await shot("member");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Alt+n");
    await page.getByRole("dialog").getByText(say("나와의 채팅", "Notes to self")).waitFor();
    await shot("new");

    expect(faults).toEqual([]);
    expect(v.faults).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await v.close();
  });
}
