// The organisation as people use it, on the made-up company.
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { type Look, startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { House } from "./house.ts";
import { settled } from "./settled.ts";

const secret = "sendjay-demo";
let house: House;
let browser: Browser;

beforeAll(async () => {
  house = await House.open({}, "--demo");
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

async function come(id: string, look: Look = {}): Promise<Viewer> {
  const v = await Viewer.open(browser, house, look);
  await v.signIn(id, secret);
  await v.ready();
  return v;
}
const openPeople = (page: Page, name = "사람") => page.getByRole("button", { name, exact: true }).click();
const item = (page: Page, name: string | RegExp) => page.getByRole("treeitem", { name });

test("the tree opens at my own team, and the keyboard goes everywhere in it", async () => {
  const v = await come("kim");
  await openPeople(v.page);
  await item(v.page, /이준호/)
    .last()
    .waitFor();
  const team = v.page.locator('[data-unit="A10"]');
  expect(await team.getAttribute("aria-expanded")).toBe("true");
  expect(await team.getAttribute("aria-level")).toBe("3");
  await v.page.getByRole("searchbox").press("ArrowDown");
  await v.page.keyboard.press("End");
  const last = v.page.locator('[data-unit="S30"]');
  await expect.poll(() => last.evaluate((el) => el === document.activeElement)).toBe(true);
  await v.page.keyboard.press("ArrowRight");
  await v.page.locator('[data-unit="C10"]').waitFor();
  await v.page.keyboard.press("ArrowRight");
  await v.page.keyboard.press("ArrowRight");
  await item(v.page, /임재현/).waitFor();
  await v.page.keyboard.press("ArrowRight");
  await v.page.keyboard.press("Space");
  await v.page.getByText("1명 선택됨").waitFor();
  await v.page.keyboard.press("ArrowLeft");
  await v.page.keyboard.press("ArrowLeft");
  await item(v.page, /임재현/).waitFor({ state: "detached" });
  expect(v.faults).toEqual([]);
  await v.close();
});

test("a whole team starts a talk, and is invited into one", async () => {
  const v = await come("kim");
  await openPeople(v.page);
  await v.page.locator('[data-unit="S20"]').click();
  await v.page.locator('[data-unit="B11"]').hover();
  await v.page.getByRole("button", { name: "모바일팀 모두 선택" }).click();
  await v.page.getByText("3명 선택됨").waitFor();
  await v.page.getByRole("button", { name: "채팅하기" }).click();
  await v.page.locator("h1", { hasText: "강민재" }).waitFor();
  await v.page.getByText("4명").first().waitFor();
  await v.page.getByRole("button", { name: "더 보기" }).last().click();
  await v.page.getByRole("menuitem", { name: "초대" }).click();
  await v.page.getByRole("dialog").locator('[data-unit="S30"]').click();
  await v.page.getByRole("dialog").locator('[data-unit="C10"]').click();
  await v.page.keyboard.press("ArrowRight"); // to the first of them, or to the line that waits for them
  await expect.poll(() => v.page.evaluate(() => document.activeElement?.getAttribute("data-user"))).toBe("seo");
  await v.page.keyboard.press("ArrowDown");
  await expect.poll(() => v.page.evaluate(() => document.activeElement?.getAttribute("data-user"))).toBe("lim");
  await v.page.keyboard.press("Space");
  await v.page.getByRole("dialog").getByRole("button", { name: "초대하기" }).click();
  await v.page.getByText("5명").first().waitFor();
  expect(v.faults).toEqual([]);
  await v.close();
});

test("people are found by initial consonants, phone number and team, and marked", async () => {
  const v = await come("lee");
  await openPeople(v.page);
  const box = v.page.getByRole("searchbox");
  for (const [q, id] of [
    ["ㅂㅈㅁ", "park"],
    ["1014", "hwang"],
    ["인사총무", "jang"],
  ] as const) {
    await box.fill(q);
    await v.page.locator(`[data-user="${id}"]`).waitFor();
  }
  await box.fill("박지민");
  await v.page.locator('[data-user="park"] [data-card]').click();
  const card = v.page.getByRole("dialog");
  await card.getByText("센드제이 › 개발본부 › 플랫폼팀").waitFor();
  expect(await card.getByRole("link", { name: "010-0000-1002" }).getAttribute("href")).toBe("tel:010-0000-1002");
  await card.getByRole("button", { name: "즐겨찾기" }).click();
  await expect.poll(() => card.getByRole("button", { name: "즐겨찾기" }).getAttribute("aria-pressed")).toBe("true");
  await v.page.keyboard.press("Escape");
  await v.page.reload();
  await openPeople(v.page);
  await item(v.page, /박지민/)
    .first()
    .waitFor();
  await v.page.locator("[aria-expanded]", { hasText: "즐겨찾기" }).waitFor();
  await v.close();
});

test("every screen of people is in order", async () => {
  const faults: string[] = [];
  for (const width of [1280, 360]) {
    for (const [lang, theme] of [
      ["ko", "light"],
      ["en", "dark"],
    ] as const) {
      const v = await come("kim", { lang, theme, width, height: width === 360 ? 740 : 800 });
      const shot = async (name: string) => {
        await settled(v.page);
        await v.page.screenshot({ path: join(screens, `${name}-${lang}-${theme}-${width}.png`) });
        for (const f of await findings(v.page)) faults.push(`${name} ${lang} ${theme} ${width}: ${f}`);
      };
      await openPeople(v.page, lang === "ko" ? "사람" : "People");
      await v.page.locator('[data-user="han"]').last().waitFor();
      await v.page.locator('[data-user="han"]').last().hover();
      await shot("org");
      await v.page.locator('[data-user="jung"], [data-user="lee"]').last().locator("[data-card]").click();
      await v.page.getByRole("dialog").getByRole("link").first().waitFor();
      await shot("card");
      await v.page.keyboard.press("Escape");
      await v.page.keyboard.press("Alt+n");
      await v.page.getByRole("dialog").locator('[data-user="han"]').last().click();
      await shot("picktree");
      expect(await v.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await v.close();
    }
  }
  expect(faults).toEqual([]);
});

test("a picture is cropped and seen by others at once, an absence stands where one writes", async () => {
  const lee = await come("lee");
  const kim = await come("kim");
  const pair = kim.page.locator("[data-room]", { hasText: "이준호" }).first();
  await pair.click();
  await lee.page.keyboard.press("Control+,");
  const sheet = lee.page.getByRole("dialog");
  await sheet.getByRole("tab", { name: "프로필" }).click();
  await sheet.getByLabel("별명 · 상태 메시지").fill("오후에는 외근이에요");
  await sheet.getByRole("combobox", { name: "부재" }).selectOption("dayoff");
  await sheet.getByLabel("종료일").fill("2999-10-12");
  await sheet.getByRole("button", { name: "저장", exact: true }).click();
  await sheet.getByRole("button", { name: "저장했어요" }).waitFor();
  await kim.page.locator("header").getByText("연차, 10.12까지").waitFor();
  const png = await lee.page.evaluate(async () => {
    const c = document.createElement("canvas");
    c.width = 600;
    c.height = 400;
    const pen = c.getContext("2d");
    if (pen) {
      pen.fillStyle = "#2b8a3e";
      pen.fillRect(0, 0, 600, 400);
    }
    return c.toDataURL("image/png").split(",")[1] ?? "";
  });
  await sheet
    .locator('input[type="file"]')
    .setInputFiles({ name: "me.png", mimeType: "image/png", buffer: Buffer.from(png, "base64") });
  await lee.page.getByRole("button", { name: "이 사진 쓰기" }).waitFor();
  await settled(lee.page);
  await lee.page.screenshot({ path: join(screens, "crop-ko-light-1280.png") });
  await lee.page.getByRole("button", { name: "이 사진 쓰기" }).click();
  await kim.page.locator('header img[src*="/lee/picture"]').waitFor();
  await lee.page.screenshot({ path: join(screens, "profile-ko-light-1280.png") });
  expect(await findings(lee.page)).toEqual([]);
  expect([...kim.faults, ...lee.faults]).toEqual([]);
  await kim.close();
  await lee.close();
});

test("settings follow a person to another browser, and a lost device is signed out", async () => {
  const one = await come("park");
  await one.page.keyboard.press("Control+,");
  const sheet = one.page.getByRole("dialog");
  await sheet.getByRole("radio", { name: "크게", exact: true }).check();
  await sheet.getByRole("radio", { name: "어둡게" }).check();
  await sheet.getByRole("tab", { name: "알림" }).click();
  await sheet.getByRole("button", { name: "시간 추가" }).click();
  expect(await findings(one.page)).toEqual([]);
  await one.page.screenshot({ path: join(screens, "notify-ko-dark-1280.png") });
  const two = await come("park");
  await expect.poll(() => two.page.evaluate(() => document.documentElement.dataset["theme"])).toBe("dark");
  expect(await two.page.evaluate(() => document.documentElement.dataset["text"])).toBe("large");
  await two.page.keyboard.press("Control+,");
  await two.page.getByRole("tab", { name: "로그인" }).click();
  await two.page.getByText("지금 이 기기").waitFor();
  await settled(two.page);
  await two.page.screenshot({ path: join(screens, "security-ko-dark-1280.png") });
  expect(await findings(two.page)).toEqual([]);
  await two.page.getByRole("button", { name: "다른 기기 모두 로그아웃" }).click();
  const sure = two.page.getByRole("alertdialog", { name: "다른 기기" });
  await sure.getByText("지금 이 기기만 남아요").waitFor();
  expect(await findings(two.page)).toEqual([]);
  await sure.getByRole("button", { name: "로그아웃" }).click();
  await sure.waitFor({ state: "detached" });
  // The first browser was replaced by the second; what it hears at its next contact is that it is signed out.
  await one.page.getByRole("button", { name: "여기서 사용" }).click();
  await one.page.locator('input[name="username"]').waitFor();
  await two.close();
  await one.close();
});

test("an administrator makes, edits and closes an account, and the log tells of it", async () => {
  const faults: string[] = [];
  for (const [width, theme] of [
    [1280, "light"],
    [360, "dark"],
  ] as const) {
    const v = await come("kim", { width, theme, height: width === 360 ? 740 : 800 });
    const shot = async (name: string) => {
      await settled(v.page);
      await v.page.screenshot({ path: join(screens, `${name}-ko-${theme}-${width}.png`) });
      for (const f of await findings(v.page)) faults.push(`${name} ${width}: ${f}`);
    };
    const id = `n${width}-${Date.now() % 1e8}`;
    await v.page.getByRole("button", { name: "관리", exact: true }).click();
    await v.page.locator("[data-account]").first().waitFor();
    await shot("accounts");
    await v.page.getByRole("button", { name: "새 계정" }).click();
    await v.page.getByRole("dialog").getByLabel("아이디").fill(id);
    await v.page.getByRole("dialog").getByLabel("이름").fill("새 직원");
    await v.page.getByRole("button", { name: "만들기" }).click();
    const once = (await v.page.locator("code").textContent()) ?? "";
    await shot("once");
    await v.page.getByRole("button", { name: "확인" }).click();
    const fresh = await Viewer.open(browser, house);
    await fresh.signIn(id, once);
    await fresh.page.getByRole("button", { name: "비밀번호 변경" }).waitFor();
    await fresh.close();
    await v.page.getByRole("searchbox").fill(id);
    await v.page.locator(`[data-account="${id}"]`).getByRole("button").click();
    await v.page.getByRole("dialog").getByText("Chrome").waitFor();
    await shot("account");
    await v.page.getByRole("button", { name: "계정 중지" }).click();
    await v.page.getByRole("alertdialog").getByRole("button", { name: "계정 중지" }).click();
    await v.page.getByRole("dialog").getByText("중지됨").waitFor();
    await v.page.keyboard.press("Escape");
    // What takes long says so, and what did not come can be asked for again.
    let answer = () => {};
    const held = new Promise<void>((go) => {
      answer = go;
    });
    await v.page.route(
      "**/admin/health",
      async (route) => {
        await held;
        await route.abort();
      },
      { times: 1 },
    );
    for (const part of ["작업 기록", "로그인 규칙", "전체 공지", "휴일", "앱 버전", "서버 상태"]) {
      await v.page.getByRole("navigation").getByRole("button", { name: part }).click();
      if (part === "작업 기록") {
        await v.page.getByRole("cell", { name: "계정을 닫았어요" }).first().waitFor();
        await v.page.getByRole("searchbox", { name: "작업자" }).fill("김서");
        await v.page.getByRole("searchbox", { name: "대상" }).fill(id.slice(0, 2).toUpperCase());
        await v.page.getByRole("cell", { name: "박지민 · park" }).first().waitFor({ state: "detached" });
        await v.page.getByRole("cell", { name: "김서연 · kim" }).first().waitFor();
      }
      if (part === "전체 공지") {
        await v.page.getByLabel("공지 내용").fill("오늘 18시에 서버를 점검해요.");
        await v.page.getByRole("button", { name: "공지하기" }).click();
        await v.page.getByRole("alertdialog").getByRole("button", { name: "공지하기" }).click();
        await v.page.getByRole("status").getByText("오늘 18시에").first().waitFor();
      }
      if (part === "휴일") {
        const days = [
          `DTSTART;VALUE=DATE:20991225`,
          "SUMMARY:성탄절",
          "END:VEVENT",
          "BEGIN:VEVENT",
          "DTSTART:20990101T0900",
        ];
        const file = ["BEGIN:VCALENDAR", "BEGIN:VEVENT", ...days, "END:VEVENT", "END:VCALENDAR"].join("\r\n");
        await v.page
          .locator("input[type=file]")
          .setInputFiles({ name: "휴일.ics", mimeType: "text/calendar", buffer: Buffer.from(file) });
        await v.page.getByText("성탄절").waitFor();
        await v.page.locator("input[type=date]").fill("2099-12-26");
        await v.page.getByLabel("이름").fill(id);
        await v.page.getByRole("button", { name: "추가", exact: true }).click();
        await v.page.getByRole("button", { name: "저장", exact: true }).click();
        await v.page.getByRole("status").getByText("저장했어요").waitFor();
        const said = await v.page.evaluate(async () => (await fetch("api/v1/holidays")).json());
        expect(said.holidays).toEqual([
          { date: "2099-12-25", name: "성탄절" },
          { date: "2099-12-26", name: id },
        ]);
      }
      if (part === "앱 버전") await v.page.getByText("서명 공개 키").waitFor();
      if (part === "로그인 규칙") await v.page.getByRole("spinbutton").first().waitFor();
      if (part === "서버 상태") {
        expect(v.faults).toEqual([]);
        await v.page.getByRole("status").getByText("불러오는 중").waitFor();
        answer();
        await v.page.getByRole("button", { name: "다시 시도" }).click();
        await v.page.getByText("온전해요").waitFor();
        v.faults.length = 0; // the console told of the request that was broken off
      }
      await shot(`admin-${part.replaceAll(" ", "")}`);
    }
    expect(await v.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(v.faults).toEqual([]);
    await v.close();
  }
  expect(faults).toEqual([]);
});
