import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startProfile } from "./browser.ts";
import { root, screens } from "./build.ts";
import { House, password } from "./house.ts";

// The messenger beside a real key distribution centre, and a browser on the computer of 이준호.
const program = join(root, "build/e2e/centre");
const profile = mkdtempSync(join(tmpdir(), "sendjay-e2e-profile-"));
let centre: ChildProcess;
let house: House;
let context: BrowserContext;
let page: Page;
let asked: string[];

interface Centre {
  readonly config: string;
  readonly keytab: string;
  readonly service: string;
  readonly tickets: Readonly<Record<string, string>>;
}

beforeAll(async () => {
  execFileSync("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", program, "./shared/kdctest/centre"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  centre = spawn(program, ["lee"], { stdio: ["pipe", "pipe", "inherit"] });
  const at = await new Promise<Centre>((done, fail) => {
    centre.stdout?.once("data", (line) => done(JSON.parse(String(line)) as Centre));
    centre.once("exit", (code) => fail(new Error(`the centre ended with ${code}`)));
  });
  house = await House.open(
    { lee: "이준호" },
    ...["--kerberos-keytab", at.keytab, "--kerberos-service", at.service, "--kerberos-label-ko", "한빛 PC로 로그인"],
  );
  // A whole Chromium shows tickets on Linux from the second start after it was asked for one; this one was.
  writeFileSync(join(profile, "Local State"), `{"net":{"received_http_auth_negotiate_headers":true}}`);
  context = await startProfile(profile, ["--auth-server-allowlist=127.0.0.1"], {
    ["KRB5_CONFIG"]: at.config,
    ["KRB5CCNAME"]: `FILE:${at.tickets["lee"]}`,
  });
  page = context.pages()[0] ?? (await context.newPage());
  asked = [];
  page.on("request", (r) => r.url().endsWith("/auth/kerberos") && asked.push(r.url()));
});
afterAll(async () => {
  await context?.close();
  await house?.close();
  centre?.stdin?.end();
  rmSync(profile, { recursive: true, force: true });
});

const button = () => page.getByRole("button", { name: "한빛 PC로 로그인" });

test("a browser that we do not know is asked for nothing until its person does, and says what is missing", async () => {
  await page.goto(house.url.replace("127.0.0.1", "localhost")); // where this one shows no ticket
  await button().waitFor();
  expect(asked).toEqual([]);
  await button().press("Enter");
  const alert = page.getByRole("alert");
  await alert.waitFor();
  expect(await button().evaluate((b) => b === document.activeElement)).toBe(true); // no key lost its place
  expect(await alert.textContent()).toContain("확인하지 못했어요");
  expect(await findings(page)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 760 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await page.screenshot({ path: join(screens, "signin-kerberos-360.png") });
  await page.locator('input[name="username"]').fill("lee");
  await page.locator('input[name="current-password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.locator("nav").waitFor();
});

test("the computer's ticket signs in by a button, then by itself, and not after one signed out", async () => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(house.url);
  await button().click();
  await page.locator("nav").waitFor();
  expect(await page.evaluate(() => document.cookie)).toBe("");
  // As after a month: nobody is signed in any more.
  await context.clearCookies();
  await page.goto(house.url);
  await page.locator("nav").waitFor();
  expect(asked.length).toBeGreaterThanOrEqual(2);
  await page.getByRole("button", { name: "설정", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "로그아웃" }).click();
  await button().waitFor();
  const before = asked.length;
  await page.reload();
  await button().waitFor();
  expect(asked).toHaveLength(before);
  expect(await button().isEnabled()).toBe(true);
});
