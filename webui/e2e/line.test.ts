import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startBrowser, Viewer } from "./browser.ts";
import { type Caller, House, until } from "./house.ts";

let house: House;
let browser: Browser;
let room: string;
let lee: Caller;
let kim: Viewer;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호" });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});
beforeEach(async () => {
  lee = await house.as("lee");
  room = await lee.room(["kim"]);
  await lee.say(room, "여보세요");
  kim = await Viewer.back(kim, browser, house, "kim");
  await kim.openRoom(room);
  await kim.bubble("여보세요").first().waitFor();
});
afterEach(async () => {
  expect(kim.faults).toEqual([]);
  await kim.rest();
});

const bar = "연결이 끊겼어요";

test("the server dies: what is written is kept, said to be unsent, and goes out once by a press", async () => {
  await house.kill();
  await kim.say("서버가 없을 때 쓴 글");
  const mine = kim.bubble("서버가 없을 때 쓴 글");
  await mine.waitFor();
  await mine.getByText("보내지 못했어요").waitFor();
  await kim.page.getByText(bar).waitFor();
  await kim.row(room).getByText("보내지 못한 글 1개").waitFor({ state: "attached" });
  // It survives a reload once there is a page to load again.
  await house.start();
  await kim.page.reload();
  await kim.ready();
  await mine.getByText("보내지 못했어요").waitFor();
  await mine.getByRole("button", { name: "다시 보내기" }).click();
  await kim.page.locator('article[data-state="sent"]', { hasText: "서버가 없을 때 쓴 글" }).waitFor();
  const stored = (await lee.messages(room)).filter((m) => m.body === "서버가 없을 때 쓴 글");
  expect(stored.length).toBe(1);
  expect(await mine.count()).toBe(1);
  await kim.page.reload();
  await kim.ready();
  await mine.waitFor();
  expect(await mine.count()).toBe(1);
  expect(await kim.page.getByText("보내지 못했어요").count()).toBe(0);
});

test("what was not sent can be thrown away", async () => {
  await house.kill();
  await kim.say("버릴 글");
  const mine = kim.bubble("버릴 글");
  await mine.getByRole("button", { name: "지우기" }).click();
  await mine.waitFor({ state: "detached" });
  await house.start();
  await kim.page.reload();
  await kim.ready();
  await kim.bubble("여보세요").first().waitFor();
  expect(await mine.count()).toBe(0);
});

test("the line comes back by itself, and what was said in between is there once, in order", async () => {
  await house.kill();
  await kim.page.getByText(bar).waitFor();
  await kim.box.fill("쓰다 만 글");
  await house.start();
  await lee.say(room, "끊긴 사이 하나");
  await lee.say(room, "끊긴 사이 둘");
  await kim.bubble("끊긴 사이 둘").waitFor();
  await kim.page.getByText(bar).waitFor({ state: "detached" });
  const seqs = await kim.page
    .locator("article[data-seq]")
    .evaluateAll((all) => all.map((a) => Number((a as HTMLElement).dataset["seq"])));
  expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
  expect(await kim.box.inputValue()).toBe("쓰다 만 글");
  await kim.box.fill("");
});

test("all tabs of a browser share one socket, and it moves when its tab closes", async () => {
  const one = await house.sockets();
  const second = await kim.tab();
  const third = await kim.tab();
  await kim.openRoom(room, second);
  await lee.say(room, "모든 탭에 보여요");
  await kim.bubble("모든 탭에 보여요").waitFor();
  await kim.bubble("모든 탭에 보여요", second).waitFor();
  await kim.row(room, third).getByText("모든 탭에 보여요").waitFor();
  expect(await house.sockets()).toBe(one);
  // The first tab held the socket.
  await kim.page.close();
  await lee.say(room, "탭 하나를 닫은 뒤");
  await kim.bubble("탭 하나를 닫은 뒤", second).waitFor();
  await kim.row(room, third).getByText("탭 하나를 닫은 뒤").waitFor();
  await until("one socket", async () => (await house.sockets()) === one);
});

test("a sign-in elsewhere takes over, tells who, and can be taken back with everything that was typed", async () => {
  await kim.box.fill("여기서 쓰던 글");
  const elsewhere = await Viewer.signedIn(browser, house, "kim");
  const notice = kim.page.getByRole("alertdialog", { name: "다른 곳에서 접속했어요" });
  await notice.waitFor();
  expect(await notice.textContent()).toMatch(/\d\d:\d\d · Chrome · Linux · 127\.0\.0\.1/);
  expect(await kim.box.inputValue()).toBe("여기서 쓰던 글");
  await notice.getByRole("button", { name: "여기서 사용" }).click();
  await notice.waitFor({ state: "detached" });
  await elsewhere.page.getByRole("alertdialog", { name: "다른 곳에서 접속했어요" }).waitFor();
  await lee.say(room, "돌아왔나요");
  await kim.bubble("돌아왔나요").waitFor();
  expect(await kim.box.inputValue()).toBe("여기서 쓰던 글");
  await elsewhere.close();
  await kim.box.fill("");
});
