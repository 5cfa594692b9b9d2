// How smoothly the page runs under load, as ratios to the targets. It measures and prints; it judges nothing.
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBrowser, Viewer } from "./browser.ts";
import { type Caller, House } from "./house.ts";

let house: House;
let browser: Awaited<ReturnType<typeof startBrowser>>;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호" });
  browser = await startBrowser();
  process.stdout.write("\n| the page under load | measured | target | ratio |\n|---|---|---|---|\n");
});

afterAll(async () => {
  await browser.close();
  await house.close();
});

const deep = 10_000;
const rate = 50;

function print(what: string, value: number, unit: string, target: number): void {
  const ratio = target ? (value / target).toFixed(2) : value ? "missed" : "met";
  process.stdout.write(`| ${what} | ${value.toFixed(1)} ${unit} | ≤ ${target} ${unit} | ${ratio} |\n`);
}

function at(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

async function fill(by: Caller, room: string, n: number): Promise<void> {
  let next = 0;
  const hand = async () => {
    for (let i = next++; i < n; i = next++)
      await by.say(room, `줄 ${i}: ${"견적서를 다시 보내 주세요. ".repeat(1 + (i % 5))}`);
  };
  await Promise.all(Array.from({ length: 32 }, hand));
}

// work tells the page's own time on the processor, which says more than frames where others need it too.
async function work(of: Viewer): Promise<() => Promise<number>> {
  const cdp = await of.context.newCDPSession(of.page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  return async () =>
    (await cdp.send("Performance.getMetrics")).metrics.find((m) => m.name === "TaskDuration")?.value ?? Number.NaN;
}

// heavy counts the tasks of the page that alone took longer than a frame may, and tells the longest, both in its own
// time: what others on the machine take in between is not the page's.
async function heavy(of: Viewer, run: () => Promise<void>): Promise<{ readonly count: number; readonly most: number }> {
  await browser.startTracing(of.page, { categories: ["disabled-by-default-devtools.timeline", "devtools.timeline"] });
  await run();
  interface Event {
    readonly name: string;
    readonly pid: number;
    readonly tid: number;
    readonly tdur?: number;
  }
  const { traceEvents } = JSON.parse(String(await browser.stopTracing())) as { readonly traceEvents: readonly Event[] };
  const main = traceEvents.find((e) => e.name === "FireAnimationFrame");
  const took = traceEvents
    .filter((e) => e.name === "RunTask" && e.pid === main?.pid && e.tid === main.tid)
    .map((e) => (e.tdur ?? 0) / 1000);
  return { count: took.filter((ms) => ms > 50).length, most: took.reduce((a, b) => Math.max(a, b), 0) };
}

test("scrolling through a long room", async () => {
  const lee = await house.as("lee");
  const room = await lee.room(["kim"]);
  await fill(lee, room, deep);
  await lee.command("message.read", { room, seq: deep });
  const kim = await Viewer.signedIn(browser, house, "kim");
  await kim.openRoom(room);
  await kim.page.locator("article[data-message]").first().waitFor();
  const worked = await work(kim);
  const before = await worked();
  const run = await kim.page.locator(`[role="list"][aria-label="메시지"]`).evaluate(async (el) => {
    const gaps: number[] = [];
    const frame = () => new Promise<number>((done) => requestAnimationFrame(done));
    const end = performance.now() + 60_000;
    let last = await frame();
    let first = Number.POSITIVE_INFINITY;
    while (first > 1 && performance.now() < end) {
      el.scrollTop -= Math.min(400, el.scrollTop);
      const now = await frame();
      gaps.push(now - last);
      last = now;
      for (const m of el.querySelectorAll<HTMLElement>("[data-seq]")) first = Math.min(first, Number(m.dataset["seq"]));
    }
    return { gaps, first };
  });
  print(
    `frames over 50 ms of ${run.gaps.length} while scrolling ${deep - run.first} messages up`,
    run.gaps.filter((g) => g > 50).length,
    "",
    0,
  );
  // 400 pixels hold some seven messages; for all of them there are 50 ms.
  print("work per message scrolled past", ((await worked()) - before) * (1000 / (deep - run.first)), "ms", 7);
  print("a frame while scrolling, p99", at(run.gaps, 0.99), "ms", 50);
  print("a frame while scrolling, the longest", Math.max(...run.gaps), "ms", 50);
  await kim.page.getByRole("button", { name: "맨 아래로" }).click();
  const list = kim.page.locator(`[role="list"][aria-label="메시지"]`);
  const own = await heavy(kim, () =>
    list.evaluate(async (el) => {
      for (let i = 0; i < 300; i++) {
        el.scrollTop -= Math.min(400, el.scrollTop);
        await new Promise(requestAnimationFrame);
      }
    }),
  );
  print("tasks of the page over 50 ms of its own time", own.count, "", 0);
  print("the longest of them", own.most, "ms", 50);
  expect(run.gaps.length).toBeGreaterThan(100);
  await kim.close();
}, 400_000);

test("typing while others write", async () => {
  const lee = await house.as("lee");
  const room = await lee.room(["kim"], "바쁜 방");
  await fill(lee, room, 100);
  const kim = await Viewer.signedIn(browser, house, "kim");
  await kim.openRoom(room);
  const worked = await work(kim);
  const before = await worked();
  await kim.page.evaluate(() => {
    const waits: number[] = [];
    Object.assign(window, { waits });
    document.addEventListener(
      "keydown",
      (e) => requestAnimationFrame(() => setTimeout(() => waits.push(performance.now() - e.timeStamp))),
      true,
    );
  });
  let said = 0;
  const began = performance.now();
  const talk = setInterval(() => {
    for (; said < ((performance.now() - began) * rate) / 1000; said++) void lee.say(room, `${said}번째 소식입니다`);
  }, 20);
  await kim.box.focus();
  await kim.page.keyboard.type("typing goes on ".repeat(10), { delay: 60 });
  clearInterval(talk);
  const heard = said / ((performance.now() - began) / 1000);
  const waits = await kim.page.evaluate(() => (window as unknown as { waits: number[] }).waits);
  // Half of each second is left to the keys.
  print("work per message heard while typing", ((await worked()) - before) * (1000 / said), "ms", 500 / rate);
  print(`from a key to its frame at ${heard.toFixed(0)} messages/s, median`, at(waits, 0.5), "ms", 50);
  print(`from a key to its frame at ${heard.toFixed(0)} messages/s, p99`, at(waits, 0.99), "ms", 50);
  expect(await kim.box.inputValue()).toBe("typing goes on ".repeat(10));
}, 120_000);
