// What counts as read: what somebody in front of the room has seen, and nothing else.
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startBrowser, Viewer } from "./browser.ts";
import { type Caller, House, until } from "./house.ts";

let house: House;
let browser: Browser;
let kim: Viewer;
let kimCalls: Caller;
let leeCalls: Caller;
let parkCalls: Caller;
let room: string;
let rooms = 0;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호", park: "박지민" });
  browser = await startBrowser();
  kimCalls = await house.as("kim");
  leeCalls = await house.as("lee");
  parkCalls = await house.as("park");
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});
beforeEach(async () => {
  const guest = `guest${++rooms}`;
  house.add(guest, `손님 ${rooms}`);
  room = await leeCalls.room(["kim", "park", guest], `방 ${rooms}`);
  for (let i = 0; i < 40; i++) await leeCalls.say(room, `지난 글 ${i}`);
  kim = await Viewer.back(kim, browser, house, "kim");
  await kim.row(room).waitFor();
});
afterEach(async () => {
  expect(kim.faults).toEqual([]);
  await kim.rest();
});

const myUnread = async () => (await kimCalls.get<{ unread: number }>(`/api/v1/rooms/${room}`)).unread;
const number = (text: string, n: number) => kim.bubble(text).locator(`[data-unread="${n}"]`);

test("opening marks all read; the number beside a message falls live as others read, never counts its sender, and is gone at 0", async () => {
  expect(await myUnread()).toBe(40);
  await kim.openRoom(room);
  await until("all to be read", async () => (await myUnread()) === 0);
  await kim
    .row(room)
    .getByText(/안 읽은 글/)
    .waitFor({ state: "detached" });
  await kim.say("세 사람이 읽을 글");
  await number("세 사람이 읽을 글", 3).waitFor();
  const seq = (await leeCalls.messages(room)).at(-1)?.seq;
  await leeCalls.command("message.read", { room, seq });
  await number("세 사람이 읽을 글", 2).waitFor();
  await parkCalls.command("message.read", { room, seq });
  await number("세 사람이 읽을 글", 1).waitFor();
  const guest = await house.as(`guest${rooms}`);
  await guest.command("message.read", { room, seq });
  await kim.bubble("세 사람이 읽을 글").locator("[data-unread]").waitFor({ state: "detached" });
});

test("what arrives is read at once only by who is at the bottom; else a bar counts it, and a press on it reads", async () => {
  await kim.openRoom(room);
  await until("all to be read", async () => (await myUnread()) === 0);
  // It opened where the reader had left off.
  await kim.page.getByRole("button", { name: "맨 아래로" }).click();
  await kim.page.getByRole("button", { name: "맨 아래로" }).waitFor({ state: "detached" });
  await leeCalls.say(room, "맨 아래에서 본 글");
  await until("it to be read", async () => (await myUnread()) === 0);
  await kim.bubble("맨 아래에서 본 글").waitFor();

  const list = kim.page.getByRole("list", { name: "메시지" });
  await list.hover();
  await kim.page.mouse.wheel(0, -1200);
  await kim.page.getByRole("button", { name: "맨 아래로" }).waitFor();
  await leeCalls.say(room, "위에 있을 때 온 글 1");
  await leeCalls.say(room, "위에 있을 때 온 글 2");
  const pill = kim.page.getByRole("button", { name: "새 메시지 2개" });
  await pill.waitFor();
  await kim.row(room).getByText("안 읽은 글 2개").waitFor({ state: "attached" });
  expect(await myUnread()).toBe(2);
  await pill.click();
  await until("both to be read", async () => (await myUnread()) === 0);
  await pill.waitFor({ state: "detached" });
  await kim
    .row(room)
    .getByText(/안 읽은 글/)
    .waitFor({ state: "detached" });
});

test("a window that is not in front reads nothing, until somebody comes back to it", async () => {
  await kim.openRoom(room);
  await until("all to be read", async () => (await myUnread()) === 0);
  await kim.page.getByRole("button", { name: "맨 아래로" }).click();
  // Chromium without a screen takes every page for the one in front.
  const front = (is: boolean) =>
    kim.page.evaluate((now) => {
      Object.defineProperty(document, "hasFocus", { configurable: true, value: () => now });
      dispatchEvent(new Event(now ? "focus" : "blur"));
    }, is);
  await front(false);
  await leeCalls.say(room, "아무도 안 볼 때");
  await kim.bubble("아무도 안 볼 때").waitFor({ state: "attached" });
  await number("아무도 안 볼 때", 3).waitFor({ state: "attached" });
  expect(await myUnread()).toBe(1);
  await front(true);
  await until("it to be read", async () => (await myUnread()) === 0);
});

test("a line stands before the first unread message, and the badge goes when I read elsewhere", async () => {
  await kim.openRoom(room);
  await until("all to be read", async () => (await myUnread()) === 0);
  await kim.page.locator(`[data-room]:not([data-room="${room}"])`).first().click();
  await leeCalls.say(room, "첫 안 읽은 글");
  await leeCalls.say(room, "둘째 안 읽은 글");
  await kim.row(room).getByText("안 읽은 글 2개").waitFor({ state: "attached" });
  await kim.openRoom(room);
  const line = await kim.page.getByText("여기까지 읽었어요").boundingBox();
  const first = await kim.bubble("첫 안 읽은 글").boundingBox();
  const before = await kim.bubble("지난 글 39").boundingBox();
  expect((line?.y ?? 0) < (first?.y ?? 0) && (line?.y ?? 0) > (before?.y ?? 0)).toBe(true);

  await kim.page.locator(`[data-room]:not([data-room="${room}"])`).first().click();
  await leeCalls.say(room, "다른 기기에서 읽을 글");
  await kim.row(room).getByText("안 읽은 글 1개").waitFor({ state: "attached" });
  await kimCalls.command("message.read", { room, seq: (await kimCalls.messages(room)).at(-1)?.seq });
  await kim
    .row(room)
    .getByText(/안 읽은 글/)
    .waitFor({ state: "detached" });
});
