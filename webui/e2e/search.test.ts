import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { House, until } from "./house.ts";

let house: House;
let browser: Browser;
let room: string;
let viewer: Viewer | null = null;

const said = 400;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호", park: "박지민" });
  browser = await startBrowser();
  const kim = await house.as("kim");
  const lee = await house.as("lee");
  room = await kim.room(["lee"], "신제품 준비");
  for (let i = 0; i < said; i++) {
    const text =
      i === 3 ? "첫 신제품회의는 월요일이에요" : i % 80 === 40 ? `견적서 ${i} 확인했어요. 회의를 잡을까요?` : `줄 ${i}`;
    await (i % 2 ? lee : kim).say(room, text);
  }
  const side = await kim.room(["lee", "park"], "디자인팀");
  await lee.say(side, "다음 주 디자인 회의 자료를 공유드립니다");
  await lee.say(side, "점심 먹어요");
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await house?.close();
});
afterEach(async () => {
  expect(viewer?.faults ?? []).toEqual([]);
  await viewer?.close();
  viewer = null;
});

const see = async (look = {}): Promise<Viewer> => {
  viewer = await Viewer.signedIn(browser, house, "kim", look);
  await viewer.openRoom(room);
  await viewer.bubble(`줄 ${said - 1}`).waitFor();
  return viewer;
};
const inSight = (v: Viewer, text: string) =>
  until(`"${text}" in sight`, () =>
    v.page.evaluate((t) => {
      const box = document.querySelector("main [role=list]")?.getBoundingClientRect();
      return [...document.querySelectorAll("article[data-message]")].some((a) => {
        const r = a.getBoundingClientRect();
        return box && a.textContent?.includes(t) && r.top >= box.top - 1 && r.bottom <= box.bottom + 1;
      });
    }, text),
  );
// The message at the top of what is in sight, and where it stands.
const place = (v: Viewer) =>
  v.page.evaluate(() => {
    const top = document.querySelector("main [role=list]")?.getBoundingClientRect().top ?? 0;
    const one = [...document.querySelectorAll<HTMLElement>("article[data-seq]")].find(
      (a) => a.getBoundingClientRect().bottom > top + 60,
    );
    return { seq: one?.dataset["seq"], y: Math.round(one?.getBoundingClientRect().top ?? 0) };
  });
const hits = (v: Viewer) => v.page.getByRole("listbox", { name: "찾은 글" }).getByRole("option");

test("the newest hit is shown at once, keys lead to the others, and Esc leads back to where one was", async () => {
  const v = await see();
  // Somewhere in the middle of what is loaded.
  await v.page.locator("main [role=list]").evaluate((el) => el.scrollBy(0, -700));
  await until("the place settles", async () => {
    const a = await place(v);
    await new Promise((done) => setTimeout(done, 100));
    const b = await place(v);
    return a.seq === b.seq && a.y === b.y;
  });
  const before = await place(v);
  await v.page.keyboard.press("Control+f");
  await v.page.keyboard.type("회의를");
  await until("the hits", async () => (await hits(v).count()) === 6);
  expect(await hits(v).first().getAttribute("aria-selected")).toBe("true");
  await inSight(v, "견적서 360");
  await v.page.keyboard.press("Enter");
  await inSight(v, "견적서 280");
  await v.page.keyboard.press("F3");
  await inSight(v, "견적서 200");
  await v.page.keyboard.press("Shift+Enter");
  await inSight(v, "견적서 280");
  for (const text of ["견적서 200", "견적서 120", "견적서 40", "첫 신제품회의"]) {
    await v.page.keyboard.press("Enter");
    await inSight(v, text);
  }
  await v.page.getByText("6 / 6").waitFor();
  await v.page.keyboard.press("Escape");
  await until("the place one was at", async () => {
    const now = await place(v);
    return now.seq === before.seq && Math.abs(now.y - before.y) < 3;
  });
  await until("the keyboard in the box again", () => v.box.evaluate((el) => el === document.activeElement));
  // And the newest messages still arrive.
  await (await house.as("lee")).say(room, "돌아온 뒤에 온 글");
  await v.page.getByRole("button", { name: "새 메시지 1개" }).click();
  await inSight(v, "돌아온 뒤에 온 글");
});

test("a hit that is far away is surrounded by what was said there, older and newer, down to the present", async () => {
  const v = await see();
  await v.page.keyboard.press("Control+f");
  await v.page.keyboard.type("첫 신제품");
  await inSight(v, "첫 신제품회의");
  await v.page.getByText("줄 0", { exact: true }).waitFor();
  const list = v.page.locator("main [role=list]");
  const numbers = () =>
    list.locator("article[data-seq]").evaluateAll((all) => all.map((a) => Number((a as HTMLElement).dataset["seq"])));
  for (let last = 0; last < said; ) {
    await until("the next ones", async () => {
      await list.evaluate((el) => el.scrollBy(0, 500));
      return ((await numbers()).at(-1) ?? 0) > last;
    });
    const now = await numbers();
    expect(now).toEqual([...now].sort((a, b) => a - b));
    expect(new Set(now).size).toBe(now.length);
    last = now.at(-1) ?? 0;
  }
  await v.page.getByRole("button", { name: "찾기 닫기" }).click();
  await inSight(v, "돌아온 뒤에 온 글");
});

test("signs are ordinary characters, one letter is too short, nothing found is said", async () => {
  const v = await see();
  await v.page.keyboard.press("Control+f");
  await v.page.keyboard.type("가");
  await v.page.getByText("두 글자부터 찾을 수 있어요.").waitFor();
  await v.page.getByRole("combobox", { name: "찾을 말" }).fill("%%");
  await v.page.getByText("찾는 말이 이 대화에 없어요.").waitFor();
  await v.page.getByRole("combobox", { name: "찾을 말" }).fill("' or 1=1 --");
  await v.page.getByText("찾는 말이 이 대화에 없어요.").waitFor();
  await v.page.getByRole("button", { name: "지우기" }).click();
  await v.page.getByText("이 대화에서 나눈 말을 찾아요.").waitFor();
  await v.page.getByRole("button", { name: "찾기 닫기" }).click();
  await inSight(v, `줄 ${said - 1}`);
});

test("one person's messages alone, from the list of members, and a day from the calendar", async () => {
  const v = await see();
  await v.page.getByRole("button", { name: "대화 상대" }).click();
  await v.page.getByRole("button", { name: "이준호 님 메뉴" }).click();
  await v.page.getByRole("menuitem", { name: "이준호 님의 글만 보기" }).click();
  await v.page.getByText("이준호 님의 글", { exact: true }).waitFor();
  await until("hits of one person", async () => (await hits(v).count()) >= 50);
  expect(await hits(v).filter({ hasText: "김서연" }).count()).toBe(0);
  expect(await findings(v.page)).toEqual([]);
  await v.page.getByRole("button", { name: "날짜로 가기" }).click();
  const day = v.page.getByRole("region", { name: "날짜로 가기" }).getByRole("group").locator("button:enabled").last();
  const ring = await day.boundingBox();
  expect(ring?.width).toBe(ring?.height);
  await day.click();
  await inSight(v, "줄 0");
});

test("all rooms: what fits best first, by person, room and time; a hit opens its room at the place", async () => {
  const v = await see();
  await v.page.getByRole("navigation").getByRole("button", { name: "찾기" }).click();
  await v.page.getByRole("searchbox", { name: "모든 대화에서 찾기" }).fill("회의 자료");
  await v.page.getByRole("heading", { name: "디자인팀" }).waitFor();
  expect(await v.page.locator("mark").allTextContents()).toEqual(["회의", "자료"]);
  await v.page.screenshot({ path: join(screens, "search-all.png") });
  await v.page.getByRole("button", { name: /디자인 회의 자료/ }).click();
  await v.page.getByRole("heading", { name: "디자인팀", level: 1 }).waitFor();
  await inSight(v, "다음 주 디자인 회의 자료를");
  await v.page.getByRole("searchbox", { name: "모든 대화에서 찾기" }).fill("회의");
  await until("both rooms", async () => (await v.page.getByRole("heading", { level: 2 }).count()) >= 2);
  await v.page.getByRole("button", { name: "대화방", exact: true }).click();
  await v.page
    .getByRole("dialog")
    .getByRole("button", { name: /신제품 준비/ })
    .click();
  await until(
    "one room",
    async () => (await v.page.getByRole("heading", { name: "디자인팀", level: 2 }).count()) === 0,
  );
  await v.page.getByRole("button", { name: /첫 신제품회의/ }).click();
  await inSight(v, "첫 신제품회의");
  expect(await findings(v.page)).toEqual([]);
});

test.each([
  { name: "wide-light-ko", look: { lang: "ko", theme: "light" } },
  { name: "wide-dark-en", look: { lang: "en", theme: "dark" } },
  { name: "narrow-light-ko", look: { lang: "ko", theme: "light", width: 390, height: 780 } },
  { name: "narrow-dark-ko", look: { lang: "ko", theme: "dark", width: 360, height: 640 } },
  { name: "medium-light-en", look: { lang: "en", theme: "light", width: 800, height: 700 } },
] as const)("it looks right: $name", async ({ name, look }) => {
  const v = await see(look);
  await v.page.keyboard.press("Control+f");
  await v.page.keyboard.type("회의");
  await v.page.getByRole("option").first().waitFor();
  await inSight(v, "견적서 360").catch(() => {});
  await v.page.screenshot({ path: join(screens, `search-${name}.png`) });
  expect(await findings(v.page)).toEqual([]);
  await v.page.getByRole("button", { name: /날짜로 가기|Go to a day/ }).click();
  await v.page.getByRole("region", { name: /날짜로 가기|Go to a day/ }).waitFor();
  expect(await findings(v.page)).toEqual([]);
  await v.page.screenshot({ path: join(screens, `search-${name}-days.png`) });
  await v.page.getByRole("button", { name: /날짜로 가기|Go to a day/ }).click();
  await v.page.keyboard.press("Tab");
  await v.page.getByRole("combobox").press("Enter");
  await v.page.screenshot({ path: join(screens, `search-${name}-hit.png`) });
});
