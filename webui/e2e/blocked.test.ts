import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Box, type Mode } from "./box.ts";
import { startBrowser, Viewer } from "./browser.ts";
import { type Caller, House, until } from "./house.ts";

let house: House;
let browser: Browser;
let lee: Caller;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호" });
  browser = await startBrowser();
  lee = await house.as("lee");
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

const plain = "WebSocket이 막혀 있어 일반 HTTP로 이어 가고 있어요";

async function behind(mode: Mode, look: (kim: Viewer, box: Box) => Promise<void>): Promise<void> {
  const box = await Box.before(house, mode);
  const kim = await Viewer.signedIn(browser, box.house, "kim");
  try {
    await kim.page.locator(`nav button[title*="${plain}"]`).waitFor();
    await look(kim, box);
    // A browser says of a refused WebSocket what nobody can keep it from saying.
    expect(kim.faults.filter((f) => !f.includes("WebSocket"))).toEqual([]);
  } finally {
    await kim.close();
    await box.close();
  }
}

for (const mode of ["refuses", "hangs", "eats"] as const) {
  test(`a box that ${mode}: messages come and go, and the page says how`, async () => {
    await behind(mode, async (kim) => {
      const room = await lee.room(["kim"]);
      await lee.say(room, `${mode}: 들리나요`);
      await kim.openRoom(room);
      await kim.bubble(`${mode}: 들리나요`).first().waitFor();
      await kim.say(`${mode}: 잘 들려요`);
      await kim.page.locator('article[data-state="sent"]', { hasText: `${mode}: 잘 들려요` }).waitFor();
      await until("the answer to be stored", async () =>
        (await lee.messages(room)).some((m) => m.body === `${mode}: 잘 들려요`),
      );
      await lee.say(room, `${mode}: 바로 왔죠`);
      await kim.bubble(`${mode}: 바로 왔죠`).first().waitFor();
    });
  });
}

test("two tabs share the one session, and the second goes on when the first is closed", async () => {
  await behind("refuses", async (kim, box) => {
    const before = await house.sockets();
    const tab = await kim.tab();
    await kim.ready(tab);
    const upgrades = box.upgrades;
    const room = await lee.room(["kim"]);
    await kim.page.close();
    await lee.say(room, "이 말은 두 번째 탭이 들어요");
    await tab.getByText("이 말은 두 번째 탭이 들어요").first().waitFor();
    expect(box.upgrades).toBe(upgrades); // it knew which way to go
    await until("one session to be left", async () => (await house.sockets()) <= before);
  });
});

test("a server that restarts is found again", async () => {
  await behind("refuses", async (kim) => {
    const room = await lee.room(["kim"]);
    await house.kill();
    await kim.page.getByText("연결이 끊겼어요").waitFor();
    await house.start();
    await kim.page.locator(`nav button[title*="${plain}"]`).waitFor();
    await lee.say(room, "다시 왔어요");
    await kim.openRoom(room);
    await kim.bubble("다시 왔어요").first().waitFor();
  });
});
