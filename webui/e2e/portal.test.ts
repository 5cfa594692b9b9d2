import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBrowser } from "./browser.ts";
import { root } from "./build.ts";
import { freePort, House, until } from "./house.ts";

// The example for integrators, as it stands, in front of a real server.
const example = join(root, "build/e2e/portal-example");
let folder: string;
let portal: ChildProcess;
let at: string;
let house: House;
let browser: Browser;

beforeAll(async () => {
  execFileSync("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", example, "./packaging/server/portal-example"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  folder = mkdtempSync(join(tmpdir(), "sendjay-portal-"));
  const own = ["--keys", join(folder, "keys"), "--key", join(folder, "first.pem")];
  execFileSync(example, [...own, "--make-key"]);
  at = `http://127.0.0.1:${await freePort()}`;
  house = await House.open(
    { kim: "김서연", lee: "이준호" },
    ...["--portal-keys", join(folder, "keys"), "--portal-origins", at],
  );
  portal = spawn(example, [...own, "--listen", at.slice("http://".length), "--messenger", house.url]);
  await until("the portal", async () => (await fetch(at).catch(() => null))?.ok === true);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  portal?.kill();
  await house?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function visit(who: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ locale: "ko-KR" });
  await context.grantPermissions(["notifications"], { origin: house.url });
  // What would be shown is noted: a headless browser shows none.
  await context.addInitScript(() => {
    const shown: string[] = [];
    Object.assign(globalThis, { shown });
    class Noted extends EventTarget {
      static permission = "granted";
      onclick: (() => void) | null = null;
      constructor(title: string, options: { body?: string }) {
        super();
        shown.push(`${title}: ${options.body ?? ""}`);
        Object.assign(globalThis, { last: this });
      }
      close(): void {}
    }
    Object.assign(globalThis, { Notification: Noted });
  });
  const page = await context.newPage();
  await page.goto(at);
  await page.getByLabel("아이디").fill(who);
  await page.getByRole("button", { name: "로그인" }).click();
  return { context, page };
}

const state = (page: Page) => page.locator("#state");
const frameOf = (page: Page) => page.frames().find((f) => f.url().startsWith(house.url));
const online = (page: Page): Promise<void> =>
  until("the line", async () => (await state(page).textContent()) === "online", 30_000);

test("a portal's page signs in silently, shows what is unread, alerts, and opens the messenger in the room", async () => {
  const { context, page } = await visit("kim");
  await online(page);
  const badge = page.locator("[data-sendjay-unread]");
  expect(await badge.isHidden()).toBe(true);
  const lee = await house.as("lee");
  const room = await lee.room(["kim"]);
  await lee.say(room, "포털에서도 보이나요");
  await badge.waitFor();
  expect(await badge.textContent()).toBe("1");
  const shown = (): Promise<string[]> =>
    frameOf(page)?.evaluate(() => (globalThis as unknown as { shown: string[] }).shown) ?? Promise.resolve([]);
  await until("an alert", async () => (await shown()).length === 1);
  expect((await shown())[0]).toContain("포털에서도 보이나요");
  // The page around it learns the number and nothing else.
  expect(await page.content()).not.toContain("포털에서도");
  expect(await page.evaluate(() => document.cookie)).toBe("");

  // A second page of the portal holds no second socket, and goes on when the first is closed.
  const second = await context.newPage();
  await second.goto(at);
  await online(second);
  expect(await house.sockets()).toBe(1);
  await page.close();
  await lee.say(room, "두 번째");
  await until(
    "the second page to count",
    async () => (await second.locator("[data-sendjay-unread]").textContent()) === "2",
    30_000,
  );

  // The messenger itself is signed in already, and reading there counts here.
  const opened = context.waitForEvent("page");
  await second.getByRole("button", { name: "메신저", exact: false }).first().click();
  const talk = await opened;
  await talk.locator("nav").waitFor();
  expect(await house.sockets()).toBe(1);
  await talk.locator(`[data-room="${room}"]`).click();
  await talk.locator("article[data-message]", { hasText: "두 번째" }).waitFor();
  await second.locator("[data-sendjay-unread]").waitFor({ state: "hidden" });
  await context.close();
});

test("a colleague in a list of the portal is one click away", async () => {
  const { context, page } = await visit("kim");
  await online(page);
  await page.locator("#colleague").fill("lee");
  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "대화", exact: true }).click();
  const talk = await opened;
  await talk.waitForURL(/#\/room\//);
  await talk.locator("textarea").waitFor();
  await context.close();
});

test("signing out of the portal signs out of the messenger, and who comes next is himself", async () => {
  const { context, page } = await visit("kim");
  await online(page);
  const talk = await context.newPage();
  await talk.goto(house.url);
  await talk.locator("nav").waitFor();
  await page.getByRole("button", { name: "로그아웃" }).click();
  await page.getByLabel("아이디").waitFor();
  await talk.locator('input[name="username"]').waitFor();
  await page.getByLabel("아이디").fill("lee");
  await page.getByRole("button", { name: "로그인" }).click();
  await online(page);
  await talk.locator("nav").waitFor();
  const me = await talk.evaluate(async () => (await (await fetch("/api/v1/me")).json()) as { id: string });
  expect(me.id).toBe("lee");
  await context.close();
});

test("who is signed in as somebody else becomes who the portal says, in all tabs", async () => {
  const { context, page } = await visit("kim");
  await online(page);
  const talk = await context.newPage();
  await talk.goto(house.url);
  await talk.locator("nav").waitFor();
  // The portal's session ends by itself, as sessions do, and another person signs in.
  await context.clearCookies({ name: "example_visitor" });
  await page.goto(at);
  await page.getByLabel("아이디").fill("lee");
  await page.getByRole("button", { name: "로그인" }).click();
  await online(page);
  await until("the messenger to be of lee", async () => {
    const me = await talk.evaluate(async () => (await (await fetch("/api/v1/me")).json()) as { id?: string });
    return me.id === "lee" && (await talk.locator("nav").isVisible());
  });
  await context.close();
});

test("the form opens a messenger that is signed in; its ticket serves once", async () => {
  const { context, page } = await visit("lee");
  await online(page);
  await context.clearCookies({ name: /^sendjay/ });
  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "새 창" }).click();
  const talk = await opened;
  await talk.locator("nav").waitFor();
  expect(new URL(talk.url()).search).toBe("");
  await talk.close();
  await context.clearCookies({ name: /^sendjay/ });
  const again = context.waitForEvent("page");
  await page.getByRole("button", { name: "새 창" }).click();
  const refused = await again;
  await refused.getByRole("alert").waitFor();
  expect(await refused.getByRole("alert").textContent()).toContain("포털");
  await context.close();
});

test("an unknown person is refused, and the page around goes on", async () => {
  const { context, page } = await visit("nobody");
  await until("the refusal", async () => (await state(page).textContent()) === "refused");
  expect(await page.locator("[data-sendjay-unread]").isHidden()).toBe(true);
  await context.close();
});

test("no other page can have the frame, and none has the messenger itself", async () => {
  const page = await browser.newPage();
  const policy = async (path: string): Promise<string> =>
    (await page.request.get(house.url + path)).headers()["content-security-policy"] ?? "";
  expect(await policy("/portal.html")).toContain(`frame-ancestors 'self' ${at}`);
  expect(await policy("/")).toMatch(/frame-ancestors 'self'$/);
  // localhost is another site than 127.0.0.1, and not a page of the portal.
  await page.route("http://localhost/evil", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<script>let n = 0; addEventListener("message", () => n++)</script><iframe src="${house.url}/portal.html"></iframe>`,
    }),
  );
  await page.goto("http://localhost/evil");
  await until("the refusal", () => page.frames().some((f) => f.url().startsWith("chrome-error:")));
  expect(await page.evaluate("n")).toBe(0);
  await page.close();
});
