// Typing and presence, as two people see each other in two browsers. Nothing is polled.
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { House } from "./house.ts";

let house: House;
let browser: Browser;
let pair: string;
let group: string;
let kim: Viewer;
let lee: Viewer;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호", park: "박지민" });
  browser = await startBrowser();
  const calls = await house.as("kim");
  pair = await calls.room(["lee"]);
  group = await calls.room(["lee", "park"], "셋이서");
  await calls.say(pair, "안녕하세요");
  await calls.say(group, "모두 안녕하세요");
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

test("typing shows in the room and in the list, moves nothing, and ends with clearing and with sending", async () => {
  await kim.openRoom(pair);
  await lee.openRoom(pair);
  const line = kim.page.locator("[data-typing]");
  const before = await kim.box.boundingBox();
  await lee.box.pressSequentially("회의");
  await line.getByText("이준호 님이 입력 중").waitFor();
  await kim.row(pair).getByText("이준호 님이 입력 중").waitFor();
  expect(await kim.box.boundingBox()).toEqual(before);
  await kim.page.screenshot({ path: join(screens, "typing.png") });
  expect(await lee.page.locator("[data-typing]").count()).toBe(0);

  await lee.box.fill("");
  await line.waitFor({ state: "detached" });
  await lee.box.pressSequentially("네");
  await line.waitFor();
  await lee.box.press("Enter");
  await kim.bubble("네").waitFor();
  await line.waitFor({ state: "detached" });
});

test("a person who comes and goes is marked by device, in the list, the people and the room's panel", async () => {
  await lee.page.close();
  const row = kim.row(pair);
  await row.locator("[data-presence]").waitFor({ state: "detached", timeout: 20_000 });
  const again = await lee.context.newPage();
  await again.goto(house.url);
  await row.locator('[data-presence="online"]').waitFor();
  await kim.openRoom(group);
  await kim.page.getByRole("button", { name: "대화 상대" }).first().click();
  const panel = kim.page.getByRole("complementary", { name: "대화 상대" });
  await panel.locator('li:has-text("이준호") [data-device="web"][data-level="online"]').waitFor();
  expect(await panel.locator('li:has-text("박지민") [data-device]').count()).toBe(0);
  await panel.getByText("웹 접속 중").first().waitFor({ state: "attached" });
  await kim.page.screenshot({ path: join(screens, "presence-panel.png") });
  await kim.page.getByRole("button", { name: "사람" }).click();
  await kim.page.locator('[data-user="lee"] [data-device="web"]').waitFor();
  await kim.page.screenshot({ path: join(screens, "presence-people.png") });
  await again.close();
});
