import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startBrowser, Viewer } from "./browser.ts";
import { type Caller, House, until } from "./house.ts";

let house: House;
let browser: Browser;
let room: string;
let kim: Viewer;
let lee: Viewer;
let kimCalls: Caller;
let leeCalls: Caller;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호", park: "박지민" });
  browser = await startBrowser();
  kimCalls = await house.as("kim");
  leeCalls = await house.as("lee");
  room = await kimCalls.room(["lee"]);
  await leeCalls.say(room, "첫 글");
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});
beforeEach(async () => {
  kim = await Viewer.back(kim, browser, house, "kim");
  lee = await Viewer.back(lee, browser, house, "lee");
});
afterEach(async () => {
  expect(kim.faults).toEqual([]);
  expect(lee.faults).toEqual([]);
  await kim.rest();
  await lee.rest();
});

test("a message appears with the other person, and its unread number falls when it is read", async () => {
  await kim.openRoom(room);
  await kim.say("점심 어떠세요?");
  const mine = kim.bubble("점심 어떠세요?");
  await mine.locator('[data-unread="1"]').waitFor();
  // Lee's list shows it, with a badge.
  await lee.row(room).getByText("점심 어떠세요?").waitFor();
  await lee
    .row(room)
    .getByText(/안 읽은 글/)
    .waitFor({ state: "attached" });
  await lee.openRoom(room);
  await lee.bubble("점심 어떠세요?").waitFor();
  await mine.locator("[data-unread]").waitFor({ state: "detached" });
  await lee
    .row(room)
    .getByText(/안 읽은 글/)
    .waitFor({ state: "detached" });
});

test("Enter in the middle of a Hangul syllable sends once, with the whole text", async () => {
  await kim.openRoom(room);
  await kim.box.focus();
  const line = await kim.context.newCDPSession(kim.page);
  await line.send("Input.insertText", { text: "조합 시" });
  for (const text of ["ㅎ", "허", "험"])
    await line.send("Input.imeSetComposition", { text, selectionStart: 1, selectionEnd: 1 });
  // What Chromium says on macOS: Enter within the composition, its end, then the same Enter again.
  await line.send("Input.dispatchKeyEvent", {
    type: "rawKeyDown",
    key: "Process",
    code: "Enter",
    windowsVirtualKeyCode: 229,
  });
  await line.send("Input.insertText", { text: "험" });
  await line.send("Input.dispatchKeyEvent", {
    type: "keyDown",
    key: "Enter",
    code: "Enter",
    windowsVirtualKeyCode: 13,
    text: "\r",
  });
  await line.send("Input.dispatchKeyEvent", { type: "keyUp", key: "Enter", code: "Enter", windowsVirtualKeyCode: 13 });
  await kim.bubble("조합 시험").waitFor();
  expect(await kim.box.inputValue()).toBe("");
  await kim.say("그다음 글");
  await until("both to be stored", async () => (await leeCalls.messages(room)).at(-1)?.body === "그다음 글");
  expect((await leeCalls.messages(room)).filter((m) => m.body.startsWith("조합")).map((m) => m.body)).toEqual([
    "조합 시험",
  ]);
});

test("Shift+Enter is a new line", async () => {
  await kim.openRoom(room);
  await kim.box.pressSequentially("윗줄");
  await kim.box.press("Shift+Enter");
  await kim.box.pressSequentially("아랫줄");
  await kim.box.press("Enter");
  await until("it to be stored", async () => (await leeCalls.messages(room)).at(-1)?.body === "윗줄\n아랫줄");
});

test("a draft stays with its room, over a reload and in the list", async () => {
  const other = await kimCalls.room(["park"]);
  await kim.row(other).waitFor();
  await kim.openRoom(room);
  await kim.box.pressSequentially("아직 다 쓰지 않은 글");
  await kim.openRoom(other);
  expect(await kim.box.inputValue()).toBe("");
  await kim.row(room).getByText("아직 다 쓰지 않은 글").waitFor();
  await kim.page.reload();
  await kim.row(room).getByText("아직 다 쓰지 않은 글").waitFor();
  await kim.openRoom(room);
  await until("the draft", async () => (await kim.box.inputValue()) === "아직 다 쓰지 않은 글");
  await kim.box.press("Enter");
  await lee.row(room).getByText("아직 다 쓰지 않은 글").waitFor();
  expect(await kim.box.inputValue()).toBe("");
});

test("near 4,000 characters the rest is counted, above it nothing is sent and nothing is lost", async () => {
  await kim.openRoom(room);
  await kim.box.fill("가".repeat(3990));
  await kim.page.getByText("10자 더 쓸 수 있어요").waitFor();
  await kim.box.fill("가".repeat(4003));
  await kim.page.getByText("3자가 넘었어요").waitFor();
  await kim.box.press("Enter");
  await kim.page.getByRole("alert").getByText("3자가 넘었어요").waitFor();
  expect((await kim.box.inputValue()).length).toBe(4003);
  // Emoji count as one character each, as on the server.
  await kim.box.fill("😀".repeat(4000));
  await kim.box.press("Enter");
  await until("it to be stored", async () => [...((await leeCalls.messages(room)).at(-1)?.body ?? "")].length === 4000);
});

test("what people write is text, whatever it looks like", async () => {
  const bad = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    'javascript:alert(3) https://example.com/"onmouseover=alert(4)',
    "</textarea><svg onload=alert(5)>",
    "&lt;b&gt;아니&lt;/b&gt;",
  ];
  for (const text of bad) await leeCalls.say(room, text);
  await kim.openRoom(room);
  for (const text of bad) await kim.bubble(text).waitFor();
  const stream = kim.page.getByRole("list", { name: "메시지" });
  expect(await stream.locator("img, script, iframe, object").count()).toBe(0);
  expect(
    await stream.evaluate((el) =>
      [...el.querySelectorAll("a")].every(
        (a) => /^https?:/.test(a.href) && a.getAttributeNames().every((n) => !n.startsWith("on")),
      ),
    ),
  ).toBe(true);
});

test("the sender takes a message back: it goes for the one who has not read it", async () => {
  await kim.openRoom(room);
  await kim.say("잘못 보낸 글");
  await lee.row(room).getByText("잘못 보낸 글").waitFor();
  const mine = kim.bubble("잘못 보낸 글");
  await mine.locator('[data-unread="1"]').waitFor();
  await mine.click({ button: "right" });
  await kim.page.getByRole("menuitem", { name: "보내기 취소" }).click();
  await kim.page.getByRole("alertdialog").getByRole("button", { name: "보내기 취소" }).click();
  await kim.bubble("잘못 보낸 글").waitFor({ state: "detached" });
  await kim.bubble("취소된 메시지예요").last().waitFor();
  await lee.row(room).getByText("잘못 보낸 글").waitFor({ state: "detached" });
  // What is gone can be answered by nobody.
  await kim.bubble("취소된 메시지예요").last().click({ button: "right" });
  await kim.page.getByRole("menuitem", { name: "나에게서 삭제" }).waitFor();
  expect(await kim.page.getByRole("menuitem", { name: "답장" }).count()).toBe(0);
  await kim.page.keyboard.press("Escape");
});

test("a reply shows what it answers", async () => {
  await lee.openRoom(room);
  await lee.say("몇 시에 볼까요?");
  await kim.openRoom(room);
  const asked = kim.bubble("몇 시에 볼까요?").last();
  await asked.hover();
  await asked.getByRole("button", { name: "답장" }).click();
  await kim.page.getByText("이준호 님에게 답장").waitFor();
  await kim.say("세 시요");
  await lee.bubble("세 시요").getByText("몇 시에 볼까요?").waitFor();
});

test("a new talk is made by choosing people, members come and go", async () => {
  await kim.page.getByRole("button", { name: "새 채팅" }).click();
  const dialog = kim.page.getByRole("dialog");
  await dialog.getByRole("combobox").fill("이준");
  await dialog.getByRole("option", { name: /이준호/ }).click();
  await dialog.getByRole("combobox").fill("");
  await dialog.getByRole("option", { name: /박지민/ }).click();
  await dialog.getByLabel("대화방 이름").fill("새 모임");
  await dialog.getByRole("button", { name: "시작하기" }).click();
  await kim.page.getByRole("heading", { name: "새 모임" }).waitFor();
  await kim.say("모였어요");
  await lee.page.getByText("새 모임").first().waitFor();
  await kim.page.getByRole("button", { name: "대화 상대" }).click();
  await kim.page.getByRole("button", { name: "박지민 님 메뉴" }).click();
  await kim.page.getByRole("menuitem", { name: "내보내기" }).click();
  await kim.page.getByRole("alertdialog").getByRole("button", { name: "내보내기" }).click();
  await kim.page.getByText("김서연 님이 박지민 님을 내보냈어요.").first().waitFor();
  const row = lee.page.locator("[data-room]", { hasText: "새 모임" });
  await row.click();
  await lee.page.getByText("김서연 님이 박지민 님을 내보냈어요.").first().waitFor();
  await lee.page.getByRole("button", { name: "더 보기" }).click();
  await lee.page.getByRole("menuitem", { name: "나가기" }).click();
  const sure = lee.page.getByRole("alertdialog", { name: "‘새 모임’ 대화방에서 나갈까요?" });
  await sure.getByRole("button", { name: "나가기" }).click();
  await row.waitFor({ state: "detached" });
  await kim.page.getByText("이준호 님이 나갔어요.").first().waitFor();
});
