// The window of a tray: the same page behind the tray's own address, with what it showed last.
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startBrowser } from "./browser.ts";
import { screens } from "./build.ts";
import { Desk } from "./desk.ts";
import { Gate } from "./gate.ts";
import { type Caller, House, password, until } from "./house.ts";

let house: House;
let browser: Browser;
let lee: Caller;
let room: string;
let desk: Desk;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호" });
  browser = await startBrowser();
  lee = await house.as("lee");
  room = await lee.room(["kim"]);
  await lee.say(room, "끊기기 전의 글");
  desk = new Desk(house.url, { SENDJAY_REMOTE_SESSION: "on" });
  context = await browser.newContext({ locale: "ko-KR", timezoneId: "Asia/Seoul" });
  page = await context.newPage();
});
afterAll(async () => {
  await context?.close();
  await desk?.close();
  await browser?.close();
  await house?.close();
});

const bubble = (text: string) => page.locator("article[data-message]", { hasText: text });

// copied is everything that the local copy holds, opened with the key of the tray; what lies there unsealed begins with "open:",
// and what nobody can open any more is "sealed:".
const copied = () =>
  page.evaluate(async () => {
    if (!(await indexedDB.databases()).some((d) => d.name === "sendjay-copy")) return "";
    const db = await new Promise<IDBDatabase>((done, fail) => {
      const open = indexedDB.open("sendjay-copy");
      open.onsuccess = () => done(open.result);
      open.onerror = () => fail(open.error);
    });
    const get = db.transaction("copy").objectStore("copy").getAll();
    await new Promise((done) => {
      get.onsuccess = done;
    });
    db.close();
    const settings = (await (await fetch("/edge/v1/keep/settings")).json()) as Record<string, string>;
    const raw = Uint8Array.from(atob(settings["/copy"] ?? ""), (c) => c.charCodeAt(0));
    const key = raw.length > 0 && (await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]));
    const opened = (get.result as unknown[]).map(async (v) => {
      if (!(v instanceof Uint8Array)) return `open:${JSON.stringify(v)}`;
      if (!key) return "sealed:";
      const plain = crypto.subtle.decrypt({ name: "AES-GCM", iv: v.slice(0, 12) }, key, v.slice(12));
      return plain.then((b) => new TextDecoder().decode(b)).catch(() => "");
    });
    return (await Promise.all(opened)).join("\n");
  });

test("behind a tray too, what was shown last is there at once without a server, after the tray was killed, and goes at sign-out", async () => {
  await page.goto(await desk.start());
  const origin = new URL(page.url()).origin;
  expect(origin).not.toBe(house.url);
  await page.locator('input[name="username"]').fill("kim");
  await page.locator('input[name="current-password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.locator(`[data-room="${room}"]`).click();
  await bubble("끊기기 전의 글").waitFor();
  await until("the room to be kept", async () => (await copied()).includes("끊기기 전의 글"));
  expect(await copied()).not.toContain("open:");
  // On a terminal server the window draws without a graphics card, and nothing in it moves by itself.
  expect(desk.asked()).toContain("-accel off");
  await page.locator("html[data-calm]").waitFor();
  // Nothing here heeds how long a notification shall stand there, so that is no choice.
  await page.keyboard.press("Control+,");
  await page.getByRole("tab", { name: "알림" }).click();
  const alerts = page.getByRole("region", { name: "알림" });
  await alerts.getByRole("button", { name: "알림 시험해 보기" }).waitFor();
  expect(await alerts.getByText("알림이 떠 있는 시간").count()).toBe(0);
  await page.keyboard.press("Escape");

  // The server dies: the tray answers with the page, the copy with what it showed.
  await house.kill();
  await page.reload();
  await bubble("끊기기 전의 글").waitFor();
  await page.getByText(/서버가 대답하지 않아요|연결이 끊겼어요/).waitFor();

  // So it is after the tray died as well: its window is at the same address as before.
  await desk.kill();
  await page.goto(await desk.start());
  expect(new URL(page.url()).origin).toBe(origin);
  await page.locator(`[data-room="${room}"]`).click();
  await bubble("끊기기 전의 글").waitFor();
  await page.screenshot({ path: join(screens, "edge-offline.png") });

  await house.start();
  await lee.say(room, "돌아온 뒤의 글");
  await bubble("돌아온 뒤의 글").waitFor();
  await until("what came to be kept", async () => (await copied()).includes("돌아온 뒤의 글"));

  // Who has scrolled up is there again with the next window.
  for (let n = 1; n <= 40; n++) await lee.say(room, `긴 글 ${n}\n둘째 줄`);
  await bubble("긴 글 40").waitFor();
  await bubble("긴 글 40").hover();
  const list = page.getByRole("list", { name: "메시지", exact: true });
  await page.mouse.wheel(0, -900);
  const inSight = async () => {
    const box = await list.boundingBox();
    for (const b of await page.locator("article[data-message]").all()) {
      const at = await b.boundingBox();
      if (at && box && at.y + at.height > box.y + 60) return b.getAttribute("data-message");
    }
    return null;
  };
  let was: string | null = null;
  await until("the place to rest, and to be kept", async () => {
    const before = was;
    was = await inSight();
    const kept = () => Number(JSON.parse(localStorage.getItem("sendjay-spot") ?? "{}").seq) > 0;
    return was === before && (await page.evaluate(kept));
  });
  await desk.kill();
  await page.goto(await desk.start());
  await until("the same place", async () => (await inSight()) === was);
  await page.screenshot({ path: join(screens, "edge-place.png") });
  await page.getByRole("button", { name: "김서연" }).click();
  await page.getByRole("menuitem", { name: "로그아웃" }).click();
  await page.locator('input[name="username"]').waitFor();
  await until("nothing to be kept", async () => !/끊기기|돌아온|이준호|sealed:/.test(await copied()));
}, 120_000);

test("a proxy on the way that wants a name and a password is told them in the window, at the first sign-in and later", async () => {
  let proxy = await Gate.before(house.port, "kim", "p@ss 1");
  const away = new Desk("http://talk.example.invalid", { http_proxy: proxy.url });
  const view = await context.newPage();
  const tell = async (word: string) => {
    await view.locator("form", { hasText: new URL(proxy.url).host }).waitFor();
    const name = view.getByLabel("프록시 사용자 이름");
    await until("a form that is empty", async () => (await name.inputValue()) === "");
    await name.fill("kim");
    await view.getByLabel("비밀번호").fill(word);
  };
  try {
    await view.goto(await away.start());
    await view.locator('input[name="username"]').fill("kim");
    await view.locator('input[name="current-password"]').fill(password);
    await view.locator('button[type="submit"]').click();
    await tell("wrong");
    await view.screenshot({ path: join(screens, "proxy.png") });
    await view.getByRole("button", { name: "연결", exact: true }).click();
    await tell("p@ss 1");
    expect(await findings(view)).toEqual([]);
    await view.getByRole("button", { name: "연결", exact: true }).click();
    await view.locator("[data-room]", { hasText: "이준호" }).first().waitFor();
    // The company gives out another password.
    const at = Number(new URL(proxy.url).port);
    await proxy.close();
    proxy = await Gate.before(house.port, "kim", "p@ss 2", at);
    await view.getByRole("button", { name: "입력하기" }).click();
    await tell("p@ss 2");
    await view.screenshot({ path: join(screens, "proxy-later.png") });
    await view.getByRole("button", { name: "연결", exact: true }).click();
    await view.getByRole("button", { name: "입력하기" }).waitFor({ state: "hidden" });
    await lee.say(room, "프록시를 지나온 글");
    await view.locator("[data-room]", { hasText: "프록시를 지나온 글" }).first().waitFor();
  } finally {
    await view.close();
    await away.close();
    await proxy.close();
  }
});
