import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startBrowser, Viewer } from "./browser.ts";
import { type Caller, House, until } from "./house.ts";

const total = 420;
const crowd = Array.from({ length: 16 }, (_, i) => `p${i + 1}`);
let house: House;
let browser: Browser;
let room: string;
let lee: Caller;
let kim: Viewer;

beforeAll(async () => {
  house = await House.open({
    kim: "김서연",
    lee: "이준호",
    ...Object.fromEntries(crowd.map((id) => [id, `사람 ${id}`])),
  });
  browser = await startBrowser();
  lee = await house.as("lee");
  const kimCalls = await house.as("kim");
  room = await kimCalls.room(["lee"]);
  // Messages of many heights, as people write them.
  for (let i = 1; i <= total; i++) {
    await (i % 3 ? lee : kimCalls).say(room, `글 ${i}${i % 7 === 0 ? `\n${"둘째 줄 ".repeat((i % 5) * 12 + 1)}` : ""}`);
  }
  await kimCalls.command("message.read", { room, seq: total });
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});
beforeEach(async () => {
  kim = await Viewer.back(kim, browser, house, "kim");
});
afterEach(async () => {
  expect(kim.faults).toEqual([]);
  await kim.rest();
});

const stream = '[role="list"][aria-label="메시지"]';
const atEnd = (v: Viewer) =>
  until("the end to be in sight", () =>
    v.page.locator(stream).evaluate((el) => el.scrollHeight - el.scrollTop - el.clientHeight < 2),
  );
// still waits until nothing has moved for ten frames.
const still = (v: Viewer, list = stream) =>
  v.page.locator(list).evaluate(async (el) => {
    for (let quiet = 0, at = el.scrollTop; quiet < 10; quiet++) {
      await new Promise(requestAnimationFrame);
      if (el.scrollTop !== at) quiet = 0;
      at = el.scrollTop;
    }
  });
// middle is the message in the middle of the screen, and where it stands.
const middle = (v: Viewer) =>
  v.page.locator(stream).evaluate((el) => {
    const half = el.getBoundingClientRect().top + el.clientHeight / 2;
    const all = [...el.querySelectorAll<HTMLElement>("article[data-seq]")];
    const hit = all.find((a) => a.getBoundingClientRect().bottom > half);
    return { seq: hit?.dataset["seq"], y: Math.round(hit?.getBoundingClientRect().top ?? 0) };
  });
const numbers = (v: Viewer) =>
  v.page.locator("article[data-seq]").evaluateAll((all) => all.map((a) => Number((a as HTMLElement).dataset["seq"])));

test("a room opens at its end", async () => {
  await kim.openRoom(room);
  await kim.bubble(`글 ${total}`).waitFor();
  await atEnd(kim);
});

test("going up loads everything, in order, without a jump of a single pixel", async () => {
  await kim.openRoom(room);
  await kim.bubble(`글 ${total}`).waitFor();
  await atEnd(kim);
  // In the page: scroll up in steps as a wheel does; at each frame the message in the middle must stand exactly where
  // the step alone would have put it, however much was loaded above it in between.
  const way = await kim.page.evaluate(async (query) => {
    const el = document.querySelector(query) as HTMLElement;
    const frame = () => new Promise(requestAnimationFrame);
    const middle = () => {
      const box = el.getBoundingClientRect();
      return [...el.querySelectorAll<HTMLElement>("article[data-seq]")].find(
        (a) => a.getBoundingClientRect().bottom > box.top + box.height / 2,
      );
    };
    const jumps: string[] = [];
    let seen = Number.POSITIVE_INFINITY;
    const end = Date.now() + 40_000;
    while (Date.now() < end && seen > 1) {
      const anchor = middle();
      if (!anchor) break;
      const before = anchor.getBoundingClientRect().top;
      const at = el.scrollTop;
      const by = Math.min(120, at);
      el.scrollTop = at - by;
      for (let i = 0; i < 3; i++) {
        await frame();
        const off = anchor.isConnected ? anchor.getBoundingClientRect().top - before - by : 0;
        if (Math.abs(off) > 1) jumps.push(`${anchor.dataset["seq"]} by ${off}, from ${at} to ${el.scrollTop}`);
      }
      seen = Number(el.querySelector<HTMLElement>("article[data-seq]")?.dataset["seq"] ?? seen);
    }
    return { jumps, seen };
  }, stream);
  expect(way.seen).toBe(1);
  expect(way.jumps).toEqual([]);
  const seqs = await numbers(kim);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  expect(new Set(seqs).size).toBe(seqs.length);
  await kim.page.getByText("대화의 시작이에요").waitFor();
});

test("who is scrolled up is not moved by what comes, and is told how much is new", async () => {
  await kim.openRoom(room);
  await kim.bubble(`글 ${total}`).waitFor();
  await atEnd(kim);
  const list = kim.page.locator(stream);
  await list.hover();
  await kim.page.mouse.wheel(0, -900);
  const pill = kim.page.getByRole("button", { name: "맨 아래로" });
  await pill.waitFor();
  await still(kim);
  const before = await middle(kim);
  await lee.say(room, "위에 있는 동안 온 글");
  await lee.say(room, "하나 더");
  const told = kim.page.getByRole("button", { name: "새 메시지 2개" });
  await told.waitFor();
  expect(await middle(kim)).toEqual(before);
  // What is below has not been read.
  expect((await lee.messages(room)).at(-1)?.unread).toBe(1);
  await told.click();
  await kim.bubble("하나 더").waitFor();
  await until("it to be read", async () => (await lee.messages(room)).at(-1)?.unread === 0);
  await told.waitFor({ state: "detached" });
  // A file that is sent from further up is followed like a text, and once it has come the reader is left alone.
  await list.hover();
  await kim.page.mouse.wheel(0, -900);
  await pill.waitFor();
  const chooser = kim.page.waitForEvent("filechooser");
  await kim.page.getByRole("button", { name: "파일 첨부" }).click();
  await (await chooser).setFiles({ name: "위에서.txt", mimeType: "text/plain", buffer: Buffer.from("위에서") });
  await kim.box.press("Enter");
  await kim.bubble("위에서.txt").waitFor();
  await atEnd(kim);
});

test("the composer that grows does not push the last message out of sight", async () => {
  await kim.openRoom(room);
  await kim.bubble("하나 더").last().waitFor();
  await kim.box.fill("한 줄\n두 줄\n세 줄\n네 줄\n다섯 줄\n여섯 줄\n일곱 줄\n여덟 줄\n아홉 줄\n열 줄");
  await atEnd(kim);
  const lines = await kim.box.evaluate((el) => el.clientHeight / Number.parseFloat(getComputedStyle(el).lineHeight));
  expect(Math.floor(lines)).toBe(8);
  await kim.box.fill("");
});

test("a room with unread messages shows where the reader left off", async () => {
  await kim.page.goto("about:blank"); // kim looks away
  for (let i = 0; i < 30; i++) await lee.say(room, `안 읽은 글 ${i}`);
  await kim.page.goto(house.url);
  await kim.ready();
  await kim.row(room).getByText("안 읽은 글 30개").waitFor({ state: "attached" });
  await kim.openRoom(room);
  await kim.page.getByText("여기까지 읽었어요").waitFor();
  const marker = await kim.page.locator("[data-marker]").boundingBox();
  expect(marker?.y).toBeGreaterThan(40);
  expect(marker?.y).toBeLessThan(500);
  await kim.bubble("안 읽은 글 0").first().waitFor();
  await until("the room to be read", async () => (await lee.messages(room)).at(-1)?.unread === 0);
});

test("a room with news goes on top; who has scrolled the list keeps the rows where they are", async () => {
  const kimCalls = await house.as("kim");
  for (const id of crowd) await kimCalls.say(await kimCalls.room([id]), `안녕하세요 ${id}`);
  await lee.say(room, "맨 위로");
  const first = kim.page.locator("[data-room]").first();
  await until("the room to be on top", async () => (await first.getAttribute("data-room")) === room);
  const list = kim.page.locator('[role="list"][aria-label="채팅"]');
  const row = list.locator("[data-room]", { hasText: "안녕하세요 p8" });
  // A list that is still growing has no such place yet.
  await until("the row to be in sight", async () => {
    await list.evaluate((el) => {
      el.scrollTop = 200;
    });
    return row.isVisible();
  });
  await still(kim, '[role="list"][aria-label="채팅"]');
  const before = (await row.boundingBox())?.y;
  const last = await house.as("p1");
  await last.say(await last.room(["kim"]), "아래에서 위로");
  // Rooms that move up past the rows in sight leave these where they are.
  await kim.page.getByText("아래에서 위로").first().waitFor({ state: "attached" });
  await first.getByText("아래에서 위로").waitFor({ state: "attached" });
  await still(kim, '[role="list"][aria-label="채팅"]');
  expect((await row.boundingBox())?.y).toBe(before);
});

test("a room with more unread than one page holds fetches what is above without being scrolled", async () => {
  const full = await lee.room(["kim", ...crowd.slice(0, 1)], "많이 쌓인 방");
  for (let i = 0; i < 150; i++) await lee.say(full, `쌓인 글 ${i}`);
  await kim.openRoom(full);
  await kim.bubble("쌓인 글").first().waitFor();
  await kim.page.getByText("불러오는 중").waitFor({ state: "detached" });
});
