// The organisation as people use it, on the made-up company.
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { type Look, startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { House } from "./house.ts";

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
const settled = (page: Page) =>
  page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => null))));

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
  await v.page.getByRole("dialog").locator('[data-user="lim"]').click();
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
