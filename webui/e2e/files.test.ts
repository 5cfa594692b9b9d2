// Files as people send them: chosen, pasted, dropped; cut off and gone on with; looked at, saved, taken back.
import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { type Caller, House } from "./house.ts";
import { gif, png } from "./pictures.ts";

let house: House;
let browser: Browser;
let calls: Caller;
let room: string;
let kim: Viewer;
let lee: Viewer;
let n = 0;
const colleagues = ["p0", "p1", "p2", "p3", "p4", "p5"];

// A page of the company, with a picture.
const site = createServer((q, a) => {
  if (q.url === "/house.png") {
    a.setHeader("Content-Type", "image/png");
    a.end(png(1200, 630, [70, 130, 90]));
    return;
  }
  a.setHeader("Content-Type", "text/html; charset=utf-8");
  a.end(
    `<meta property="og:title" content="${q.url === "/menu" ? "이번 주 식단" : "새 사옥 이전 안내와 층별 배치"}"><meta property="og:site_name" content="사내 소식">
<meta property="og:description" content="다음 달 3일부터 새 건물에서 일해요. 짐 싸는 날과 주차 안내를 확인해 주세요.">${q.url === "/menu" ? "" : '<meta property="og:image" content="/house.png">'}`,
  );
});
const port = () => (site.address() as AddressInfo).port;

beforeAll(async () => {
  const others = colleagues.map((id, i) => [id, `동료 ${i}`] as const);
  await new Promise<void>((done) => site.listen(0, "127.0.0.1", done));
  house = await House.open(
    { kim: "김서연", lee: "이준호", park: "박지민", ...Object.fromEntries(others) },
    "--preview-inside",
    `127.0.0.1:${port()}`,
  );
  browser = await startBrowser();
  calls = await house.as("kim");
});
afterAll(async () => {
  site.close();
  await browser?.close();
  await house?.close();
});
beforeEach(async () => {
  n++; // the same people would find the same room: other bits, other colleagues
  room = await calls.room(["lee", "park", ...colleagues.filter((_, i) => (n >> i) & 1)], "출장 준비");
  await calls.say(room, "자료 여기에 올려 주세요.");
  kim = await Viewer.back(kim, browser, house, "kim");
  lee = await Viewer.back(lee, browser, house, "lee");
  await kim.openRoom(room);
});
afterEach(async () => {
  expect(kim.faults).toEqual([]);
  expect(lee.faults).toEqual([]);
  await kim.rest();
  await lee.rest();
});

interface Sent {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}
const photo: Sent = { name: "현장 사진.png", mimeType: "image/png", buffer: png(1200, 900) };
const report: Sent = {
  name: "2026년 1.분기 보고서.txt",
  mimeType: "text/plain",
  buffer: Buffer.from("보고서\n".repeat(900)),
};

async function attach(v: Viewer, files: readonly Sent[] | string): Promise<void> {
  const chooser = v.page.waitForEvent("filechooser");
  await v.page.getByRole("button", { name: "파일 첨부" }).click();
  await (await chooser).setFiles(typeof files === "string" ? files : [...files]);
}

// hand puts files into a paste or a drop, as the browser does.
async function hand(page: Page, selector: string, kind: "paste" | "drop", files: readonly Sent[]): Promise<void> {
  const passed = files.map((f) => ({ name: f.name, type: f.mimeType, data: f.buffer.toString("base64") }));
  await page.evaluate(
    ({ selector, kind, passed }) => {
      const data = new DataTransfer();
      for (const f of passed) {
        const bytes = Uint8Array.from(atob(f.data), (c) => c.charCodeAt(0));
        data.items.add(new File([bytes], f.name, { type: f.type }));
      }
      const at = document.querySelector(selector);
      const common = { bubbles: true, cancelable: true };
      if (kind === "paste") at?.dispatchEvent(new ClipboardEvent("paste", { ...common, clipboardData: data }));
      else {
        at?.dispatchEvent(new DragEvent("dragover", { ...common, dataTransfer: data }));
        at?.dispatchEvent(new DragEvent("drop", { ...common, dataTransfer: data }));
      }
    },
    { selector, kind, passed },
  );
}

const uploads = (v: Viewer) => v.page.locator("[data-upload]");

test("chosen files stand above the box, go with what is typed, and are there for the others", async () => {
  await attach(kim, [report, photo]);
  const plate = kim.page.getByRole("region", { name: "보낼 파일" });
  await plate.getByText("파일 2개").waitFor();
  await kim.box.fill("확인 부탁드려요");
  await kim.page.screenshot({ path: join(screens, "files-plate.png") });
  await kim.box.press("Enter");
  await plate.waitFor({ state: "detached" });
  await kim.bubble("확인 부탁드려요").locator("img").waitFor();
  await uploads(kim).waitFor({ state: "detached" });
  await lee.openRoom(room);
  const shown = lee.bubble("확인 부탁드려요").getByRole("button", { name: /현장 사진.png/ });
  const box = await shown.boundingBox();
  expect(Math.round(((box?.width ?? 0) / (box?.height ?? 1)) * 100)).toBe(133);
  await lee
    .bubble("보고서.txt")
    .getByText(/KB · .*까지/)
    .waitFor();
  await lee.row(room).getByText("사진").waitFor();
  const saving = lee.page.waitForEvent("download");
  await lee.bubble("보고서.txt").getByRole("button", { name: /저장/ }).click();
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe(report.name);
  expect(readFileSync(await saved.path()).equals(report.buffer)).toBe(true);
});

test("a pasted picture and dropped files are chosen, in the room they were dropped on", async () => {
  await hand(kim.page, "textarea", "paste", [{ ...photo, name: "image.png" }]);
  const plate = kim.page.getByRole("region", { name: "보낼 파일" });
  await plate.getByText(/sendjay_\d{8}_\d{6}\.png/).waitFor();
  await plate.getByRole("button", { name: /빼기/ }).first().click();
  await plate.waitFor({ state: "detached" });
  // What a window of ours passes over it tells the page.
  await kim.page.evaluate(() => dispatchEvent(new Event("sendjay-folder")));
  await kim.page.getByText("폴더는 보낼 수 없어요.").first().waitFor();
  const other = await calls.room(["lee"]);
  await calls.say(other, "다른 방");
  await kim.row(other).waitFor();
  // While something hangs over a row it says where it would go, and no longer once it has left.
  const hangs = (kind: "dragover" | "dragleave") =>
    kim.row(other).evaluate((row, kind) => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "a.txt"));
      row.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
    }, kind);
  await hangs("dragover");
  const veil = kim.page.getByText("여기에 놓으면 보낼 파일에 담아요");
  const [at, row] = [await veil.locator("..").boundingBox(), await kim.row(other).boundingBox()];
  expect(at).toEqual(row);
  await hangs("dragleave");
  await veil.waitFor({ state: "detached" });
  const moving: Sent = { name: "축하.gif", mimeType: "image/gif", buffer: gif };
  await hand(kim.page, `[data-room="${other}"]`, "drop", [report, moving]);
  await plate.getByText(report.name).waitFor();
  expect(new URL(kim.page.url()).hash).toBe(`#/room/${other}`);
  await kim.box.press("Enter");
  await kim.bubble(report.name).waitFor();
  // What moves stands in the conversation as it was sent, not as a still.
  const shown = kim.page.getByRole("button", { name: moving.name }).locator("img");
  await shown.evaluate((img: HTMLImageElement) => img.decode());
  const drawn = await shown.evaluate(async (img: HTMLImageElement) => {
    const bytes = new Uint8Array(await (await fetch(img.currentSrc)).arrayBuffer());
    return [img.naturalWidth, img.naturalHeight, bytes.length];
  });
  expect(drawn).toEqual([48, 32, gif.length]);
});

test("an upload goes on by itself after the server was killed, and after a reload", async () => {
  // From the disk, as people have it: through the browser's own line so much may take half a minute.
  const large = { name: "큰 자료.bin", size: 40 << 20 };
  const path = join(house.dir, large.name);
  writeFileSync(path, randomBytes(large.size));
  const line = await kim.context.newCDPSession(kim.page);
  await line.send("Network.enable");
  const slow = { offline: false, latency: 5, downloadThroughput: -1, uploadThroughput: 6 << 20 };
  await line.send("Network.emulateNetworkConditions", slow);
  await attach(kim, path);
  await kim.box.press("Enter");
  await kim.page.getByText(/MB · [1-9]\d?%/).waitFor();
  await house.kill();
  await house.start();
  await kim.page.reload();
  await kim.ready();
  await uploads(kim).waitFor();
  await kim.page.getByText(/MB · [1-9]\d%/).waitFor();
  await kim.page.screenshot({ path: join(screens, "files-going.png") });
  await kim.page.getByRole("button", { name: /멈추기/ }).click();
  await kim.page.getByText(/멈춤 · \d+%/).waitFor();
  await kim.page.getByRole("button", { name: /이어서 올리기/ }).click();
  await kim.bubble(large.name).waitFor({ timeout: 60_000 });
  const [message] = (await calls.messages(room)).slice(-1) as unknown as { file: { id: string; size: number } }[];
  expect(message?.file.size).toBe(large.size);
  expect((await calls.messages(room)).filter((m) => (m as unknown as { file?: unknown }).file).length).toBe(1);
});

test("what stands in the way is said where the file is, and giving up leaves nothing", async () => {
  await kim.page.route("**/api/v1/uploads/*", (route) =>
    route.request().method() === "PATCH"
      ? route.fulfill({
          status: 403,
          contentType: "application/json",
          body: '{"error":{"code":"forbidden","message":"x","field":"kind"}}',
        })
      : route.continue(),
  );
  await attach(kim, [report]);
  await kim.box.press("Enter");
  await kim.page.getByText("이 종류의 파일은 보낼 수 없어요.").waitFor();
  expect(await kim.page.getByRole("button", { name: /다시 올리기/ }).count()).toBe(0); // it would be in vain
  expect(await findings(kim.page)).toEqual([]);
  await kim.page.screenshot({ path: join(screens, "files-refused.png") });
  await kim.page.getByRole("button", { name: /올리기 취소/ }).click();
  await uploads(kim).waitFor({ state: "detached" });
  await kim.page.reload();
  await kim.openRoom(room);
  await kim.page.getByText("자료 여기에 올려 주세요.").first().waitFor();
  expect(await uploads(kim).count()).toBe(0);
});

test("pictures are looked at one after the other by the keyboard, and vanish when they are taken back", async () => {
  await attach(kim, [photo, { name: "둘째.png", mimeType: "image/png", buffer: png(600, 900, [190, 90, 60]) }]);
  await kim.box.press("Enter");
  await kim.page.locator("article img").nth(1).waitFor();
  // The pictures come late; the end of the conversation stays in sight.
  let open = (): void => {};
  const gate = new Promise<void>((done) => {
    open = done;
  });
  await lee.page.route(/\/api\/v1\/files\//, async (route) => {
    await gate;
    await route.continue();
  });
  for (let i = 0; i < 6; i++) await calls.say(room, `사진 설명 ${i}`);
  await lee.openRoom(room);
  const rest = () =>
    lee.page
      .locator("article")
      .last()
      .evaluate((last) => {
        let s: Element | null = last;
        while (s && getComputedStyle(s).overflowY !== "auto" && getComputedStyle(s).overflowY !== "scroll")
          s = s.parentElement;
        return s ? [s.scrollHeight > s.clientHeight, Math.round(s.scrollHeight - s.scrollTop - s.clientHeight)] : [];
      });
  await lee.bubble("사진 설명 5").waitFor();
  await expect.poll(rest).toEqual([true, 0]);
  open();
  await lee.page
    .getByRole("button", { name: /둘째.png/ })
    .locator("img")
    .evaluate((img: HTMLImageElement) => img.decode());
  expect(await rest()).toEqual([true, 0]);
  await lee.page.unrouteAll({ behavior: "wait" });
  await lee.page.getByRole("button", { name: /둘째.png/ }).click();
  const viewer = lee.page.getByRole("dialog");
  await viewer.getByRole("heading", { name: "둘째.png" }).waitFor();
  await lee.page.keyboard.press("ArrowLeft");
  await viewer.getByRole("heading", { name: photo.name }).waitFor();
  await viewer.locator("img").evaluate((img: HTMLImageElement) => img.decode());
  // What it says of a copy stands above the viewer.
  await lee.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await viewer.getByRole("button", { name: "사진 복사" }).click();
  const word = lee.page.getByText("복사했어요");
  await expect.poll(() => word.evaluate((el) => el.closest(":popover-open") !== null)).toBe(true);
  await lee.page.keyboard.press("+");
  await lee.page.keyboard.press("r");
  await expect.poll(() => viewer.locator("img").getAttribute("style")).toMatch(/rotate\(90deg\) scale\(1\.25\)/);
  expect(await findings(lee.page)).toEqual([]);
  await lee.page.screenshot({ path: join(screens, "files-viewer.png") });
  // Upright and on its side all of it is seen.
  const seen = () =>
    viewer.locator("img").evaluate((img) => {
      const [a, b] = [img.getBoundingClientRect(), (img.parentElement as Element).getBoundingClientRect()];
      return a.top >= b.top && a.left >= b.left && a.bottom <= b.bottom + 1 && a.right <= b.right + 1;
    });
  await lee.page.keyboard.press("0");
  await expect.poll(seen).toBe(true);
  await lee.page.keyboard.press("r");
  await expect.poll(seen).toBe(true);
  const messages = (await calls.messages(room)) as unknown as { id: string; file?: { name: string; id: string } }[];
  const first = messages.find((m) => m.file?.name === photo.name);
  // In the conversation, too, a picture without words is what is copied, and not its name.
  await lee.page.evaluate(() => navigator.clipboard.writeText(""));
  await lee.page.keyboard.press("Escape");
  const shown = lee.page.getByRole("button", { name: /현장 사진.png/ });
  await shown.click({ button: "right" });
  await lee.page.getByRole("menuitem", { name: "복사", exact: true }).click();
  await expect
    .poll(() => lee.page.evaluate(async () => (await navigator.clipboard.read()).flatMap((i) => [...i.types])))
    .toEqual(["image/png"]);
  await shown.click();
  await viewer.getByRole("heading", { name: photo.name }).waitFor();
  await calls.command("message.cancel", { room, id: first?.id });
  await viewer.waitFor({ state: "detached" });
  await lee.page
    .getByText("글을 취소했어요")
    .or(lee.page.locator("article", { hasText: /취소/ }))
    .first()
    .waitFor();
  const after = await lee.page.evaluate(async (id) => (await fetch(`api/v1/files/${id}`)).status, first?.file?.id);
  expect(after).toBe(404);
});

test("a document on its way shows that it comes, and one whose pages the browser cannot show that it has to be saved", async () => {
  await attach(kim, [{ name: "견적.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF") }]);
  await kim.box.press("Enter");
  await kim.bubble("견적.pdf").waitFor();
  const able = (value: boolean) =>
    kim.page.evaluate((value) => {
      Object.defineProperty(navigator, "pdfViewerEnabled", { value, configurable: true });
    }, value);
  const look = () => kim.bubble("견적.pdf").getByRole("button", { name: /열기/ }).click();
  const viewer = kim.page.getByRole("dialog");
  let arrive = () => {};
  const arrived = new Promise<void>((done) => {
    arrive = done;
  });
  // What the service worker asks for by itself cannot be held here.
  await kim.page.evaluate(async () => (await navigator.serviceWorker.getRegistration())?.unregister());
  await kim.page.route("**/api/v1/files/*", async (r) => {
    await arrived;
    await r.fulfill({ contentType: "text/html", body: "one page" });
  });
  await able(true);
  await look();
  const coming = viewer.getByRole("progressbar", { name: "불러오는 중" });
  await coming.waitFor();
  expect(await findings(kim.page)).toEqual([]);
  arrive();
  await coming.waitFor({ state: "detached" });
  await viewer.frameLocator("iframe").getByText("one page").waitFor();
  await kim.page.unroute("**/api/v1/files/*");
  await kim.page.keyboard.press("Escape");
  await viewer.waitFor({ state: "detached" });
  await able(false);
  await look();
  await viewer.getByText("여기에서는 첫 쪽만 볼 수 있어요.").waitFor();
  expect(await viewer.locator("iframe").count()).toBe(0);
  expect(await findings(kim.page)).toEqual([]);
});

test("a link gets a card, which its sender can take away from all", async () => {
  await lee.openRoom(room);
  await kim.say(`읽어 보세요 http://127.0.0.1:${port()}/news`);
  const card = (v: Viewer) => v.page.getByRole("link", { name: /새 사옥 이전 안내/ });
  await card(lee).waitFor();
  await card(kim).waitFor();
  await expect
    .poll(() =>
      card(lee)
        .locator("img")
        .evaluate((i) => (i as HTMLImageElement).naturalWidth),
    )
    .toBe(800);
  expect(await findings(lee.page)).toEqual([]);
  await lee.page.screenshot({ path: join(screens, "files-preview.png") });
  await kim.page.getByRole("button", { name: "미리보기 없애기" }).click();
  await card(lee).waitFor({ state: "detached" });
  await lee.page.reload();
  await lee.bubble("읽어 보세요").waitFor();
  // The page begins with what it kept, which may be a moment older.
  await expect.poll(() => card(lee).count()).toBe(0);
});

test("another link in an edited message has its own card, and none has none", async () => {
  await lee.openRoom(room);
  await kim.say(`오늘 소식 http://127.0.0.1:${port()}/news`);
  const card = (v: Viewer, name: RegExp) => v.page.getByRole("link", { name });
  await card(lee, /새 사옥 이전 안내/).waitFor();
  const edit = async (text: string) => {
    await kim.box.press("ArrowUp");
    await kim.page.getByText("메시지 수정").waitFor();
    await kim.box.fill(text);
    await kim.box.press("Enter");
    await lee.bubble(text).getByText("수정됨").waitFor();
  };
  await edit(`오늘 점심 http://127.0.0.1:${port()}/menu`);
  for (const v of [kim, lee]) {
    await card(v, /이번 주 식단/).waitFor();
    await expect.poll(() => card(v, /새 사옥 이전 안내/).count()).toBe(0);
  }
  await edit("오늘은 각자 먹어요");
  for (const v of [kim, lee]) await expect.poll(() => card(v, /이번 주 식단/).count()).toBe(0);
  await lee.page.reload();
  await lee.bubble("오늘은 각자 먹어요").waitFor();
  await expect.poll(() => card(lee, /이번 주 식단|새 사옥/).count()).toBe(0);
});

test("the archive of a room lists what was sent, and leads to where it was", async () => {
  await attach(kim, [photo, report]);
  await kim.box.fill(`주소도 남겨요`);
  await kim.box.press("Enter");
  await kim.bubble(report.name).waitFor();
  await kim.say("https://example.com/wiki 참고하세요");
  await kim.page.getByRole("button", { name: "더 보기" }).click();
  await kim.page.getByRole("menuitem", { name: "사진 · 파일 · 링크" }).click();
  const sheet = kim.page.getByRole("dialog", { name: "사진 · 파일 · 링크" });
  await sheet.getByRole("button", { name: /현장 사진.png/ }).waitFor();
  await expect
    .poll(() =>
      sheet
        .locator("img")
        .first()
        .evaluate((i) => (i as HTMLImageElement).complete),
    )
    .toBe(true);
  expect(await findings(kim.page)).toEqual([]);
  await kim.page.screenshot({ path: join(screens, "files-archive.png") });
  const tall = async () => (await sheet.boundingBox())?.height;
  const before = await tall();
  await sheet.getByRole("button", { name: "링크", exact: true }).click();
  await sheet.getByText("https://example.com/wiki").waitFor();
  await sheet.getByRole("button", { name: "파일", exact: true }).click();
  await sheet.getByRole("searchbox").fill("없는 이름");
  await sheet.getByText("조건에 맞는 것이 없어요.").waitFor();
  expect(await tall()).toBe(before); // nothing jumps
  await sheet.getByRole("searchbox").fill("보고서");
  await sheet.getByText(report.name).click();
  await sheet.waitFor({ state: "detached" });
  await kim.bubble(report.name).waitFor();
});

for (const [width, theme, lang] of [
  [1280, "light", "ko"],
  [1280, "dark", "en"],
  [360, "light", "ko"],
  [360, "dark", "en"],
] as const) {
  test(`files in a conversation, ${width} ${theme} ${lang}`, async () => {
    await attach(kim, [
      photo,
      { name: "영수증.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF") },
      report,
    ]);
    await kim.box.fill("출장 자료예요");
    await kim.box.press("Enter");
    await kim.bubble("출장 자료예요").waitFor();
    // On the colour of own messages too everything can be read.
    await kim.page.emulateMedia({ colorScheme: theme });
    expect(await findings(kim.page)).toEqual([]);
    await kim.page.emulateMedia({ colorScheme: "light" });
    const sent = (await calls.messages(room)) as unknown as { file?: { id: string; name: string } }[];
    const file = sent.find((m) => m.file?.name === photo.name)?.file?.id;
    await calls.command("message.send", { id: randomUUID(), room, type: "file", body: "", file, forwarded: true });
    const v = await Viewer.signedIn(browser, house, "park", { width, theme, lang });
    await v.openRoom(room);
    const again = v.page.locator("article", { hasText: /전달된 메시지|Forwarded/ });
    await again.scrollIntoViewIfNeeded();
    const word = await again.getByText(/전달된 메시지|Forwarded/).boundingBox();
    const below = await again.locator("img").boundingBox();
    expect((word?.y ?? 0) + (word?.height ?? 0)).toBeLessThanOrEqual(below?.y ?? 0); // it is not covered
    await v.page.locator("article img").first().waitFor();
    await expect
      .poll(() =>
        v.page
          .locator("article img")
          .first()
          .evaluate((i) => (i as HTMLImageElement).complete),
      )
      .toBe(true);
    expect(await findings(v.page)).toEqual([]);
    await v.page.screenshot({ path: join(screens, `files-${width}-${theme}-${lang}.png`) });
    // Until when it is kept is one word, and stays one where there is little room.
    const facts = v.page
      .locator("article")
      .getByText(/까지$|until /)
      .first();
    expect(await facts.evaluate((el) => getComputedStyle(el).wordBreak)).toBe("keep-all");
    // In the large nothing is cut that says who sent it and when, and what stands around it stays where it is.
    await v.page.locator("article").getByRole("button", { name: photo.name }).first().click();
    const viewer = v.page.getByRole("dialog");
    const place = () => viewer.locator("header").evaluate((el) => el.getBoundingClientRect().height);
    const tall = await place();
    const cut = () => viewer.locator("header p").evaluateAll((all) => all.filter((p) => p.scrollWidth > p.clientWidth));
    expect(await cut()).toEqual([]);
    expect(await findings(v.page)).toEqual([]);
    await v.page.screenshot({ path: join(screens, `files-viewer-${width}-${theme}-${lang}.png`) });
    await v.page.keyboard.press("ArrowRight");
    await viewer.getByRole("heading", { name: "영수증.pdf" }).waitFor();
    expect(await cut()).toEqual([]);
    expect(await place()).toBe(tall);
    await v.page.keyboard.press("Escape");
    expect(v.faults).toEqual([]);
    await v.close();
  });
}
