// A conversation saved as a file: a whole room, or what was chosen of it; stopped, refused, opened again.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { type Look, startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { type Caller, House } from "./house.ts";
import { png } from "./pictures.ts";

let house: House;
let browser: Browser;
let calls: Caller;
let room: string;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호" });
  browser = await startBrowser();
  calls = await house.as("kim");
  room = await calls.room(["lee"]);
  const other = await house.as("lee");
  await calls.say(room, "다음 주 화요일 회의 자료입니다.\n2층 대회의실에서 만나요.");
  await other.say(room, "네, 확인했어요. <script>alert(1)</script>");
  await calls.say(room, "저장하지 않을 글");
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

async function visit(look: Look): Promise<Viewer> {
  const v = await Viewer.signedIn(browser, house, "kim", look);
  await v.openRoom(room);
  return v;
}

test("a whole room becomes a page with its pictures, which opens by itself and runs nothing", async () => {
  const v = await visit({});
  const chooser = v.page.waitForEvent("filechooser");
  await v.page.getByRole("button", { name: "파일 첨부" }).click();
  await (await chooser).setFiles([{ name: "배치도.png", mimeType: "image/png", buffer: png(900, 600, [70, 130, 90]) }]);
  await v.box.press("Enter");
  await v.page.locator("article img").waitFor();

  await v.page.getByRole("button", { name: "더 보기" }).click();
  await v.page.getByRole("menuitem", { name: "대화 저장" }).click();
  const sheet = v.page.getByRole("dialog", { name: "대화 저장" });
  const saving = v.page.waitForEvent("download");
  await sheet.getByRole("button", { name: "저장", exact: true }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toMatch(/^이준호 \d{4}-\d\d-\d\d \d\d\.\d\d\.html$/);
  await sheet.waitFor({ state: "detached" });
  await v.page.getByText(/파일로 저장했어요/).waitFor();

  const kept = join(screens, "transcript.html");
  await saved.saveAs(kept);
  for (const theme of ["light", "dark"] as const) {
    const context = await browser.newContext({ viewport: { width: 800, height: 700 }, colorScheme: theme });
    const page = await context.newPage();
    await page.goto(pathToFileURL(kept).href);
    await page.getByText("<script>alert(1)</script>").waitFor();
    const drawn = await page.locator("img").evaluate((i) => (i as HTMLImageElement).naturalWidth);
    expect(drawn).toBeGreaterThan(0);
    expect(await page.locator("script").count()).toBe(0);
    await page.screenshot({ path: join(screens, `transcript-${theme}.png`) });
    await context.close();
  }
  expect(v.faults).toEqual([]);
  await v.close();
});

test("chosen messages become a text, and only they", async () => {
  const v = await visit({});
  await v.page.getByRole("button", { name: "더 보기" }).click();
  await v.page.getByRole("menuitem", { name: "메시지 선택" }).click();
  await v.bubble("다음 주 화요일").click();
  await v.bubble("확인했어요").click();
  await v.page.getByRole("toolbar", { name: "메시지 선택" }).getByRole("button", { name: "저장" }).click();
  const sheet = v.page.getByRole("dialog", { name: "대화 저장" });
  await sheet.getByText("고른 메시지 2개").waitFor();
  await sheet.getByRole("radio", { name: "글만" }).check();
  const saving = v.page.waitForEvent("download");
  await sheet.getByRole("button", { name: "저장", exact: true }).click();
  const text = readFileSync(await (await saving).path(), "utf8");
  expect(text).toContain("다음 주 화요일 회의 자료입니다.\n    2층 대회의실에서 만나요.\n");
  expect(text).toContain("메시지 2개");
  expect(text).not.toContain("저장하지 않을 글");
  await v.page.locator("textarea").waitFor(); // nothing is being chosen any more
  await v.close();
});

test("saving can be stopped, and says why it cannot be done", async () => {
  const v = await visit({});
  await v.page.getByRole("button", { name: "더 보기" }).click();
  await v.page.getByRole("menuitem", { name: "대화 저장" }).click();
  const sheet = v.page.getByRole("dialog", { name: "대화 저장" });
  await v.page.route("**/transcript?*", () => {}); // never answered
  await sheet.getByRole("button", { name: "저장", exact: true }).click();
  await sheet.getByText("모으는 중").waitFor();
  expect(await findings(v.page)).toEqual([]);
  await sheet.getByRole("button", { name: "그만두기" }).click();
  await sheet.getByText("모으는 중").waitFor({ state: "detached" });
  await v.page.unroute("**/transcript?*");
  await v.page.route("**/transcript?*", (r) => r.abort());
  await sheet.getByRole("button", { name: "저장", exact: true }).click();
  await sheet.getByRole("alert").waitFor();
  await v.close();
});

test("Esc while a file is being made closes the sheet, and not the room behind it", async () => {
  const v = await visit({ width: 360, height: 740 });
  await v.page.getByRole("button", { name: "더 보기" }).click();
  await v.page.getByRole("menuitem", { name: "대화 저장" }).click();
  const sheet = v.page.getByRole("dialog", { name: "대화 저장" });
  await v.page.route("**/transcript?*", () => {}); // never answered
  await sheet.getByRole("button", { name: "저장", exact: true }).click();
  await sheet.getByText("모으는 중").waitFor();
  // The button that was pressed is gone, and the keyboard is in the sheet all the same.
  expect(await sheet.evaluate((el) => el.contains(document.activeElement))).toBe(true);
  await v.page.keyboard.press("Escape");
  await sheet.waitFor({ state: "detached" });
  expect(await v.box.isVisible()).toBe(true);
  await v.close();
});

for (const [width, theme, lang] of [
  [1280, "light", "ko"],
  [360, "dark", "en"],
  [360, "light", "ko"],
] as const) {
  test(`the sheet that saves a conversation, ${width} ${theme} ${lang}`, async () => {
    const v = await visit({ width, theme, lang });
    await v.page.getByRole("button", { name: lang === "ko" ? "더 보기" : "More" }).click();
    await v.page.getByRole("menuitem", { name: lang === "ko" ? "대화 저장" : "Save conversation" }).click();
    await v.page.getByRole("dialog").waitFor();
    expect(await findings(v.page)).toEqual([]);
    await v.page.screenshot({ path: join(screens, `transcript-sheet-${width}-${theme}-${lang}.png`) });
    await v.page.keyboard.press("Escape");
    await v.page.getByRole("button", { name: lang === "ko" ? "더 보기" : "More" }).click();
    await v.page.getByRole("menuitem", { name: lang === "ko" ? "메시지 선택" : "Select messages" }).click();
    await v.bubble("다음 주 화요일").click();
    await v.page.screenshot({ path: join(screens, `transcript-chosen-${width}-${theme}-${lang}.png`) });
    await v.close();
  });
}
