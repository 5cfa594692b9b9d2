// How fast the page is, as ratios to the targets. It measures and prints; it judges nothing.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBrowser, Viewer } from "./browser.ts";
import { root } from "./build.ts";
import { House } from "./house.ts";

let house: House;
let browser: Awaited<ReturnType<typeof startBrowser>>;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호", park: "박지민" });
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
  await house.close();
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function print(what: string, value: number, unit: string, target: number): void {
  const ratio = (value / target).toFixed(2);
  process.stdout.write(`| ${what} | ${value.toFixed(1)} ${unit} | ≤ ${target} ${unit} | ${ratio} |\n`);
}

// company writes a delivery of so many people in houses, divisions and teams, as the units' table and the people's.
function company(people: number): readonly [units: string, people: string] {
  const codes = Array.from(
    { length: 1200 },
    (_, i) => `${"ABCD"[Math.floor(i / 300)]}${String(i % 300).padStart(3, "0")}`,
  );
  const level = (i: number) => (i % 300 === 0 ? 0 : i % 15 === 0 ? 1 : 2);
  const name = (i: number) =>
    [
      "김이박최정강조윤장임"[i % 10],
      "서연준호지민유진하늘"[Math.floor(i / 10) % 10],
      "민재은도현미래영수정"[Math.floor(i / 100) % 10],
    ].join("");
  return [
    ["code,name,seq,level", ...codes.map((c, i) => `${c},부서 ${c},${c},${level(i)}`)].join("\n"),
    ["id,name,org,job", ...Array.from({ length: people }, (_, i) => `u${i},${name(i)},${codes[i % 1200]},책임`)].join(
      "\n",
    ),
  ];
}

test("the organisation of a large company", async () => {
  const large = await House.open({ boss: "대표" });
  try {
    large.employ(...company(20_000));
    const boss = await Viewer.signedIn(browser, large, "boss");
    const opened: number[] = [];
    for (let i = 0; i < 12; i++) {
      await boss.page.locator('nav button[title="채팅"]').click();
      opened.push(
        await boss.page.evaluate(
          (name) =>
            new Promise<number>((done) => {
              const started = performance.now();
              document.querySelector<HTMLElement>(`nav button[title="${name}"]`)?.click();
              const look = () => {
                const shown = document.querySelector("[role=treeitem][data-unit]") !== null;
                requestAnimationFrame(() => (shown ? done(performance.now() - started) : look()));
              };
              look();
            }),
          "사람",
        ),
      );
    }
    process.stdout.write("\n| a company of 20,000 in Chromium | measured | target | ratio |\n|---|---|---|---|\n");
    print("the organisation, from click to frame, the first time", opened[0] ?? Number.NaN, "ms", 200);
    print("the organisation, from click to frame (median)", median(opened), "ms", 200);
    await boss.close();
  } finally {
    await large.close();
  }
}, 240_000);

test("the page", async () => {
  const kim = await house.as("kim");
  const rooms = [await kim.room(["lee"]), await kim.room(["park"])];
  for (const room of rooms) for (let i = 0; i < 60; i++) await kim.say(room, `줄 ${i}: 견적서를 다시 보내 주세요.`);
  const lee = await Viewer.signedIn(browser, house, "kim");
  for (const room of rooms) await lee.openRoom(room);

  const opened: number[] = [];
  for (let i = 0; i < 20; i++) {
    const room = rooms[i % 2] ?? "";
    opened.push(
      await lee.page.evaluate(
        (id) =>
          new Promise<number>((done) => {
            const started = performance.now();
            document.querySelector<HTMLElement>(`[data-room="${id}"]`)?.click();
            // Two frames after the click the conversation is on the screen, or it was not there in time.
            const look = () => {
              const shown = location.hash.includes(id) && document.querySelector("article[data-message]") !== null;
              requestAnimationFrame(() => (shown ? done(performance.now() - started) : look()));
            };
            look();
          }),
        room,
      ),
    );
  }
  // With the local copy, and as it is without one: the copy is only as good as the time it saves.
  const rowsAt = async (): Promise<number> => {
    await lee.page.reload();
    await lee.page.locator("article[data-message]").first().waitFor();
    return lee.page.evaluate(() => (globalThis as unknown as { shownAt: number }).shownAt);
  };
  await lee.page.addInitScript(() => {
    const seen = new MutationObserver(() => {
      if (!document.querySelector("[data-room]") || !document.querySelector("article[data-message]")) return;
      seen.disconnect();
      requestAnimationFrame(() => {
        (globalThis as unknown as { shownAt: number }).shownAt = performance.now();
      });
    });
    seen.observe(document, { subtree: true, childList: true });
  });
  const copied: number[] = [];
  const bare: number[] = [];
  for (let i = 0; i < 7; i++) {
    await lee.page.waitForTimeout(2500); // the copy is written a moment after things rest
    copied.push(await rowsAt());
    await lee.page.evaluate(
      () =>
        new Promise((done) => {
          const open = indexedDB.open("sendjay-copy");
          open.onsuccess = () => {
            open.result.transaction("copy", "readwrite").objectStore("copy").clear().onsuccess = done;
            open.result.close();
          };
        }),
    );
    bare.push(await rowsAt());
  }
  const again: number[] = [];
  for (let i = 0; i < 5; i++) {
    await lee.page.reload();
    await lee.ready();
    const paint = await lee.page.waitForFunction(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
    );
    again.push((await paint.jsonValue()) ?? Number.NaN);
  }

  const page = readFileSync(join(root, "webui/dist/index.html"), "utf8");
  const scripts = readdirSync(join(root, "webui/dist/assets")).filter((f) => f.endsWith(".js.gz"));
  const size = (f: string): number => readFileSync(join(root, "webui/dist/assets", f)).length;
  // One of the languages comes with it; the larger counts.
  const words = Math.max(...scripts.filter((f) => f.startsWith("first-")).map(size));
  const bytes = scripts.filter((f) => page.includes(f.slice(0, -3))).reduce((sum, f) => sum + size(f), words);

  process.stdout.write("\n| the page in Chromium | measured | target | ratio |\n|---|---|---|---|\n");
  print("script of the first load, gzip", bytes / 1024, "KiB", 60);
  print("a room opened before, from click to frame (median)", median(opened), "ms", 50);
  print("reload to the first paint (median)", median(again), "ms", 1000);
  print("reload to list and room on screen, with the local copy (median)", median(copied), "ms", 300);
  print("reload to list and room on screen, without (median)", median(bare), "ms", 600);
  expect(opened).toHaveLength(20);
}, 120_000);
