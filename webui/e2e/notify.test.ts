// Settings of notifications and the answer to "why", in a real browser on a real server.
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { House, until } from "./house.ts";

let house: House;
let browser: Browser;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호" });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

for (const look of [
  { lang: "ko", theme: "light", width: 1280 },
  { lang: "en", theme: "dark", width: 360, height: 740 },
] as const) {
  test(`what is chosen about notifications is kept for all devices: ${look.lang}, ${look.theme}`, async () => {
    const ko = look.lang === "ko";
    const v = await Viewer.signedIn(browser, house, "kim", look);
    await v.page.keyboard.press("Control+,");
    await v.page.getByRole("tab", { name: ko ? "알림" : "Notifications" }).click();
    const part = v.page.getByRole("region", { name: ko ? "알림" : "Notifications" });
    await part.getByLabel(ko ? "메시지 내용 보이기" : "Show the text").click();
    const before = await part.locator("fieldset input[type=time]").count();
    await part.getByRole("button", { name: ko ? "시간 추가" : "Add hours" }).click();
    await part
      .getByLabel(ko ? "시작" : "From", { exact: true })
      .last()
      .fill("22:30");
    expect(await part.locator("fieldset input[type=time]").count()).toBe(before + 2);
    await part.getByText(ko ? "알림이 떠 있는 시간" : "How long it stays").waitFor(); // a browser heeds that
    // A long name beside it takes nothing from the box.
    const box = part.getByLabel(ko ? /^긴급 메시지는/ : /urgent messages/).first();
    expect((await box.boundingBox())?.width).toBe(18);
    await part.getByRole("button", { name: ko ? "알림 시험해 보기" : "Try a notification" }).click();
    await part.getByRole("status").waitFor();
    await part.getByRole("status").scrollIntoViewIfNeeded();
    expect(await findings(v.page)).toEqual([]);
    await v.page.screenshot({ path: join(screens, `notify-${look.lang}-${look.theme}-${look.width}.png`) });
    await until("the server to know", async () => {
      const kept = await v.page.evaluate(async () => (await fetch("api/v1/me/settings")).json());
      return kept.quietHours.at(-1)?.from === "22:30" && kept.hideBody === ko;
    });
    expect(v.faults).toEqual([]);
    await v.close();
  });
}

test("why a message was told of is answered from its menu", async () => {
  const kim = await house.as("kim");
  const lee = await house.as("lee");
  const room = await kim.room(["lee"]);
  await lee.say(room, "첫 글");
  const v = await Viewer.signedIn(browser, house, "kim");
  await v.row(room).waitFor();
  await v.page.evaluate(async () => {
    const body = JSON.stringify({ quietHours: [] });
    await fetch("api/v1/me/settings", { method: "PUT", headers: { "Content-Type": "application/json" }, body });
  });
  await lee.say(room, "회의 시작해요");
  await v.page
    .getByRole("status")
    .getByText("회의 시작해요")
    .or(v.page.getByRole("status").getByText("새 메시지"))
    .first()
    .waitFor();
  await v.openRoom(room);
  await v.bubble("회의 시작해요").click({ button: "right" });
  await v.page.getByRole("menuitem", { name: "왜 알림이" }).click();
  const sheet = v.page.getByRole("dialog");
  await sheet.getByText("화면 안에서 알렸어요").first().waitFor();
  await sheet.getByText("기기마다 14일").waitFor();
  expect(await findings(v.page)).toEqual([]);
  await v.page.screenshot({ path: join(screens, "why-ko-light-1280.png") });
  expect(v.faults).toEqual([]);
  await v.close();
});

test("a message shows one notification of its room, a click opens the room, and none outlives the page", async () => {
  const kim = await house.as("kim");
  const lee = await house.as("lee");
  const room = await kim.room(["lee"]);
  await kim.command("message.read", { room, seq: (await lee.say(room, "오래된 글")).seq });
  await kim.ask("PUT", "/api/v1/me/settings", { quietHours: [], hideBody: false });
  const v = await Viewer.open(browser, house);
  await v.context.grantPermissions(["notifications"], { origin: house.url });
  // A headless browser shows none; what it is asked to show, and to take away, is written down.
  await v.page.addInitScript(() => {
    const note = (word: string) => localStorage.setItem("told", `${localStorage.getItem("told") ?? ""}${word}\n`);
    class Noted extends EventTarget {
      static permission = "granted";
      onclick: (() => void) | null = null;
      onclose: (() => void) | null = null;
      constructor(
        title: string,
        readonly options: { body: string; tag: string },
      ) {
        super();
        note(`${title}: ${options.body} (${options.tag})`);
        Object.assign(globalThis, { last: this });
      }
      close(): void {
        note("closed");
        this.onclose?.();
      }
    }
    Object.assign(globalThis, { Notification: Noted });
  });
  await v.page.reload();
  await v.signIn("kim");
  await v.row(room).waitFor();
  await expect.poll(() => v.page.title()).toBe("Sendjay");
  const told = async (): Promise<string[]> =>
    ((await v.page.evaluate(() => localStorage.getItem("told"))) ?? "").split("\n").filter((w) => w !== "");
  await v.page.evaluate(() => {
    Object.defineProperty(document, "hasFocus", { configurable: true, value: () => false });
    dispatchEvent(new Event("blur"));
    localStorage.removeItem("told");
  });
  await lee.say(room, "회의 시작해요");
  const tag = `(sendjay-${room})`;
  await expect.poll(told).toEqual([`이준호: 회의 시작해요 ${tag}`]);
  await expect.poll(() => v.page.title()).toBe("(1) Sendjay");
  await lee.say(room, "7층이에요");
  await expect.poll(async () => (await told()).filter((w) => w.endsWith(tag)).length).toBe(2);
  await v.page.evaluate(() => {
    const last = (globalThis as unknown as { last: { onclick(): void } }).last;
    Object.defineProperty(document, "hasFocus", { configurable: true, value: () => true });
    dispatchEvent(new Event("focus"));
    last.onclick();
  });
  await v.bubble("7층이에요").last().waitFor();
  await expect.poll(async () => (await told()).at(-1)).toBe("closed");
  await expect.poll(() => v.page.title()).not.toContain("(1)");

  await v.page.evaluate(() => {
    Object.defineProperty(document, "hasFocus", { configurable: true, value: () => false });
    dispatchEvent(new Event("blur"));
    localStorage.removeItem("told");
  });
  await lee.say(room, "다들 어디예요?");
  await expect.poll(told).toEqual([`이준호: 다들 어디예요? ${tag}`]);
  await v.page.reload();
  await v.ready();
  expect((await told()).slice(0, 2)).toEqual([`이준호: 다들 어디예요? ${tag}`, "closed"]);
  expect(v.faults).toEqual([]);
  await v.close();
});
