// The tray behind a company's proxy that wants to know who asks: by a Kerberos ticket, or in a way that we do not have.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startBrowser } from "./browser.ts";
import { root, screens } from "./build.ts";
import { Desk } from "./desk.ts";
import { Gate } from "./gate.ts";
import { type Caller, House, password } from "./house.ts";

const program = join(root, "build/e2e/centre");
let centre: ChildProcess;
let tickets: Record<string, string>;
let house: House;
let browser: Browser;
let lee: Caller;
let room: string;

beforeAll(async () => {
  execFileSync("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", program, "./shared/kdctest/centre"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  centre = spawn(program, ["kim"], { stdio: ["pipe", "pipe", "inherit"] });
  tickets = await new Promise((done, fail) => {
    centre.stdout?.once("data", (line) => {
      const at = JSON.parse(String(line)) as { config: string; tickets: Record<string, string> };
      done({ KRB5_CONFIG: at.config, KRB5CCNAME: `FILE:${at.tickets["kim"]}` });
    });
    centre.once("exit", (code) => fail(new Error(`the centre ended with ${code}`)));
  });
  house = await House.open({ kim: "김서연", lee: "이준호" });
  browser = await startBrowser();
  lee = await house.as("lee");
  room = await lee.room(["kim"]);
  await lee.say(room, "프록시 밖의 글");
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
  centre?.stdin?.end();
});

async function behind(
  offers: readonly string[],
  env: Record<string, string>,
  see: (page: Page, gate: Gate, shown: Set<string>) => Promise<void>,
) {
  const shown = new Set<string>();
  const gate = await Gate.offering(house.port, offers, (says) => {
    if (!offers.includes("Negotiate") || !says.startsWith("Negotiate YII")) return false;
    if (shown.has(says)) return false; // as with a memory of what was shown
    shown.add(says);
    return true;
  });
  const desk = new Desk("http://talk.example.invalid", { http_proxy: gate.url, ...env });
  const context = await browser.newContext({ locale: "ko-KR", timezoneId: "Asia/Seoul" });
  const page = await context.newPage();
  try {
    await page.goto(await desk.start());
    await see(page, gate, shown);
  } finally {
    await context.close();
    await desk.close();
    await gate.close();
  }
}

async function looks(page: Page, name: string): Promise<void> {
  for (const theme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: theme });
    expect(await findings(page)).toEqual([]);
    await page.screenshot({ path: join(screens, `${name}-${theme}.png`) });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

async function signIn(page: Page): Promise<void> {
  await page.locator('input[name="username"]').fill("kim");
  await page.locator('input[name="current-password"]').fill(password);
  await page.locator('button[type="submit"]').click();
}

test("a proxy is shown the ticket of this computer, nobody is asked, and the test of the line says so", () =>
  behind(["Negotiate"], tickets, async (page, gate, shown) => {
    await signIn(page);
    await page.locator("[data-room]", { hasText: "이준호" }).first().waitFor();
    await lee.say(room, "프록시를 지나온 글");
    await page.locator("[data-room]", { hasText: "프록시를 지나온 글" }).first().waitFor();
    expect(shown.size).toBeGreaterThan(1);
    await page.evaluate(() => {
      location.hash = "#/diagnose"; // as the menu of the tray does
    });
    const dialog = page.getByRole("dialog", { name: "진단 정보" });
    await dialog.getByRole("button", { name: "연결 검사하기" }).click();
    const steps = dialog.getByRole("listitem");
    await steps.filter({ hasText: "Kerberos 티켓" }).waitFor();
    await steps
      .filter({ hasText: new URL(gate.url).host })
      .first()
      .waitFor();
    for (const said of ["WebSocket이 열려요", "시계: 서버와 맞아요"]) await steps.filter({ hasText: said }).waitFor();
    expect(await steps.locator("..").locator('[data-mark="bad"]').count()).toBe(0);
    await looks(page, "line-ticket");
  }));

test("of a proxy that takes nothing but NTLM a person is told, and never asked", () =>
  behind(["NTLM"], tickets, async (page) => {
    await signIn(page);
    await page.getByText("지원하지 않는 로그인 방식(NTLM 등)").waitFor();
    expect(await page.getByLabel("프록시 사용자 이름").count()).toBe(0);
    await looks(page, "proxy-ntlm");
    await page.getByRole("button", { name: "진단 정보" }).click();
    const dialog = page.getByRole("dialog", { name: "진단 정보" });
    await dialog.getByRole("button", { name: "연결 검사하기" }).click();
    await dialog.locator('[data-mark="bad"]', { hasText: "로그인 방식: NTLM" }).waitFor();
    await looks(page, "line-ntlm");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "English" }).click();
    await page.getByRole("button", { name: "Diagnostics" }).click();
    await page.getByRole("button", { name: "Test the connection" }).click();
    await page.locator('[data-mark="bad"]', { hasText: "ways to sign in: NTLM" }).waitFor();
    await looks(page, "line-ntlm-en");
  }));

test("without a ticket a person is asked for a password where that would do, else told what is missing", async () => {
  const none = { KRB5CCNAME: "FILE:/nowhere" };
  await behind(["Negotiate", 'Basic realm="office"'], none, async (page) => {
    await signIn(page);
    await page.getByLabel("프록시 사용자 이름").waitFor();
  });
  await behind(["Negotiate"], none, async (page) => {
    await signIn(page);
    await page.getByText("이 컴퓨터에 쓸 수 있는 티켓이 없어요").waitFor();
    expect(await page.getByLabel("프록시 사용자 이름").count()).toBe(0);
    await looks(page, "proxy-no-ticket");
  });
});
