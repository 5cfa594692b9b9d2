// The page without a line: what it showed last is there, and nothing of it stays when the person goes.
import { createServer, request, type Server } from "node:http";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { type Caller, House, until } from "./house.ts";

let house: House;
let browser: Browser;
let lee: Caller;
let room: string;
let other: string;
let viewer: Viewer | null = null;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호", park: "박지민" });
  browser = await startBrowser();
  lee = await house.as("lee");
  room = await lee.room(["kim"]);
  await lee.say(room, "끊기기 전의 글");
  other = await lee.room(["kim", "park"], "디자인팀");
  await lee.say(other, "시안을 보내 주세요");
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});
afterEach(async () => {
  expect(viewer?.faults ?? []).toEqual([]);
  await viewer?.close();
  viewer = null;
});

const bar = "연결이 끊겼어요";

async function see(look = {}): Promise<Viewer> {
  viewer = await Viewer.signedIn(browser, house, "kim", look);
  await viewer.openRoom(other);
  await viewer.bubble("시안을 보내 주세요").waitFor();
  if ((viewer.page.viewportSize()?.width ?? 1280) < 1000) await viewer.page.goto(`${house.url}/#/`);
  await viewer.openRoom(room);
  await viewer.bubble("끊기기 전의 글").waitFor();
  await viewer.kept("끊기기 전의 글");
  await viewer.kept("시안을 보내 주세요");
  return viewer;
}

test("the server is gone and the page is loaded anew: list and rooms are there, what is written is kept, and all catches up", async () => {
  const v = await see();
  await house.kill();
  await v.page.reload();
  await v.bubble("끊기기 전의 글").waitFor();
  await v.page.getByText(bar).waitFor();
  await v.openRoom(other);
  await v.bubble("시안을 보내 주세요").waitFor();
  await v.openRoom(room);
  await v.say("줄이 없을 때 쓴 글");
  const mine = v.bubble("줄이 없을 때 쓴 글");
  await mine.getByText("보내지 못했어요").waitFor();
  await v.page.screenshot({ path: join(screens, "offline-wide-light-ko.png") });
  expect(await findings(v.page)).toEqual([]);
  await v.page.reload();
  await mine.getByText("보내지 못했어요").waitFor();

  await house.start();
  await lee.say(room, "돌아온 뒤의 글");
  await lee.say(other, "다른 방의 새 글");
  await v.bubble("돌아온 뒤의 글").waitFor();
  await v.row(other).getByText("다른 방의 새 글").waitFor();
  await mine.getByRole("button", { name: "다시 보내기" }).click();
  await v.page.locator('article[data-state="sent"]', { hasText: "줄이 없을 때 쓴 글" }).waitFor();
  expect((await lee.messages(room)).filter((m) => m.body === "줄이 없을 때 쓴 글").length).toBe(1);
});

test("the network of the computer is gone: the same", async () => {
  const v = await see();
  await v.context.setOffline(true);
  await v.page.reload();
  await v.bubble("끊기기 전의 글").waitFor();
  await v.row(other).waitFor();
  await v.context.setOffline(false);
  await lee.say(room, "다시 이어진 글");
  await v.bubble("다시 이어진 글").waitFor();
});

test("signing out leaves no text behind, and the next one sees nothing of it", async () => {
  const v = await see();
  await v.page.getByRole("button", { name: "김서연" }).click();
  await v.page.getByRole("menuitem", { name: "로그아웃" }).click();
  await v.page.locator('input[name="username"]').waitFor();
  const left = () =>
    v.page.evaluate(async () => {
      const all: unknown[] = [];
      for (const { name } of await indexedDB.databases()) {
        const db = await new Promise<IDBDatabase>((done) => {
          const open = indexedDB.open(name ?? "");
          open.onsuccess = () => done(open.result);
        });
        for (const store of db.objectStoreNames) {
          const get = db.transaction(store).objectStore(store).getAll();
          await new Promise((done) => {
            get.onsuccess = done;
          });
          all.push(...get.result);
        }
        db.close();
      }
      return JSON.stringify(all) + JSON.stringify({ ...localStorage });
    });
  await until("nothing left", async () => !/끊기기|시안|디자인팀/.test(await left()));
  await v.page.reload();
  await v.signIn("park");
  await v.ready();
  expect(await v.page.getByText("끊기기 전의 글").count()).toBe(0);
});

test("a sign-in that the server takes back takes the copy along", async () => {
  const v = await see();
  await v.context.clearCookies();
  await v.page.reload();
  await v.page.locator('input[name="username"]').waitFor();
  await house.kill();
  await v.page.reload();
  // Nothing to show and nobody to ask.
  await until("the page", () => v.page.evaluate(() => document.getElementById("app")?.childElementCount !== 0));
  expect(await v.page.getByText("끊기기 전의 글").count()).toBe(0);
});

test.each([
  ["cannot be opened", "indexedDB.open = () => { throw new Error('broken'); };"],
  ["never answers", "indexedDB.open = () => new EventTarget();"],
])("storage that %s is done without", async (_, script) => {
  viewer = await Viewer.open(browser, house);
  const v = viewer;
  await v.context.addInitScript(
    `Object.defineProperty(globalThis, "broken", { value: 1 }); const p = IDBFactory.prototype; ${script.replace("indexedDB.open", "p.open")}`,
  );
  await v.page.reload();
  await v.signIn("kim");
  await v.ready();
  await v.openRoom(room);
  await v.bubble("끊기기 전의 글").first().waitFor();
  await v.say("저장소 없이 쓴 글");
  await v.page.locator('article[data-state="sent"]', { hasText: "저장소 없이 쓴 글" }).first().waitFor();
});

test("a new build is shown at the next load, and the old one without a line only until then", async () => {
  let build = "old";
  let gone = false;
  const proxy: Server = createServer((q, a) => {
    if (gone) return q.socket.destroy();
    const up = request(
      {
        port: house.port,
        host: "127.0.0.1",
        path: q.url,
        method: q.method,
        headers: { ...q.headers, "accept-encoding": "identity" },
      },
      (r) => {
        if (q.url !== "/") {
          a.writeHead(r.statusCode ?? 500, r.headers);
          return r.pipe(a);
        }
        const chunks: Buffer[] = [];
        r.on("data", (c) => chunks.push(c));
        r.on("end", () => {
          const { "content-length": _l, etag: _e, ...headers } = r.headers;
          a.writeHead(r.statusCode ?? 500, headers);
          a.end(Buffer.concat(chunks).toString().replace("<body>", `<body data-build="${build}">`));
        });
      },
    );
    up.on("error", () => q.socket.destroy());
    q.pipe(up);
  });
  await new Promise<void>((done) => proxy.listen(0, "127.0.0.1", done));
  const at = proxy.address();
  const url = `http://127.0.0.1:${at && typeof at === "object" ? at.port : 0}/`;
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const shown = () => page.evaluate(() => document.body.dataset["build"]);
    const keeps = (what: string) =>
      until(`the ${what} page to be kept`, () =>
        page.evaluate(async (w) => {
          const there = await (await caches.open("sendjay-shell-1")).match("/");
          return navigator.serviceWorker.controller !== null && ((await there?.text()) ?? "").includes(`"${w}"`);
        }, what),
      );
    await page.goto(url);
    await keeps("old");
    build = "new";
    await page.reload();
    expect(await shown()).toBe("new");
    await keeps("new");
    gone = true;
    proxy.closeAllConnections();
    await page.reload();
    expect(await shown()).toBe("new");
  } finally {
    await context.close();
    await new Promise((done) => proxy.close(done));
  }
});

test.each([
  { name: "wide-dark-en", look: { lang: "en", theme: "dark" } },
  { name: "narrow-light-ko", look: { lang: "ko", theme: "light", width: 390, height: 780 } },
] as const)("it looks right without a line: $name", async ({ name, look }) => {
  const v = await see(look);
  await house.kill();
  await v.page.reload();
  await v.bubble("끊기기 전의 글").first().waitFor();
  await v.page
    .getByText(/연결이 끊겼어요|connection/i)
    .first()
    .waitFor();
  await v.page.screenshot({ path: join(screens, `offline-${name}.png`) });
  expect(await findings(v.page)).toEqual([]);
});
