import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startBrowser } from "./browser.ts";
import { root, screens } from "./build.ts";
import { freePort, House, password, until } from "./house.ts";

// The messenger beside a real OpenID provider.
const provider = join(root, "build/e2e/provider");
const secret = "blue mountain 5"; // everybody's, at the provider
let running: ChildProcess;
let issuer: string;
let house: House;
let strict: House; // passwords for administrators only
let browser: Browser;

beforeAll(async () => {
  execFileSync("go", ["build", "-trimpath", "-ldflags", "-s -w", "-o", provider, "./server/oidctest/provider"], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, CGO_ENABLED: "0" },
  });
  const at = `127.0.0.1:${await freePort()}`;
  issuer = `http://${at}`;
  const own = (home: string): string[] => [
    ...["--public-url", home, "--oidc-issuer", issuer, "--oidc-client", `talk at ${home.slice("http://".length)}`],
    ...["--oidc-secret", "a secret between the two", "--oidc-label-ko", "한빛 계정으로 로그인"],
  ];
  house = await House.open({ kim: "김서연", lee: "이준호" }, (home) => own(home));
  strict = await House.open({ kim: "김서연" }, (home) => [...own(home), "--passwords", "admins"]);
  strict.add("chief", "관리자", "--admin");
  running = spawn(provider, [at, house.url, strict.url]);
  await until(
    "the provider",
    async () => (await fetch(`${issuer}/.well-known/openid-configuration`).catch(() => null))?.ok === true,
  );
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  running?.kill();
  await house?.close();
  await strict?.close();
});

async function visit(
  url: string,
  look: { lang?: string; theme?: "light" | "dark"; width?: number } = {},
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    locale: look.lang ?? "ko-KR",
    colorScheme: look.theme ?? "light",
    viewport: { width: look.width ?? 1280, height: 800 },
  });
  const page = await context.newPage();
  await page.goto(url);
  return { context, page };
}

async function atProvider(page: Page, who: string): Promise<void> {
  await page.waitForURL(`${issuer}/login/**`);
  await page.locator("#username").fill(who);
  await page.locator("#password").fill(secret);
  await page.locator('button[type="submit"]').click();
}

const company = (page: Page) => page.getByRole("button", { name: "한빛 계정으로 로그인" });

test("the button leads to the provider, and back into the room that was asked for", async () => {
  const kim = await house.as("kim");
  const room = await kim.room(["lee"]);
  await kim.say(room, "회사 계정으로 들어오세요");
  const { context, page } = await visit(`${house.url}/#/room/${room}`);
  await company(page).click();
  await atProvider(page, "lee");
  await page.locator("article[data-message]", { hasText: "회사 계정으로" }).waitFor();
  expect(new URL(page.url()).search).toBe("");
  expect(await page.evaluate(() => document.cookie)).toBe("");
  // Signing out ends the provider's session too, and leads home.
  await page.goto(house.url);
  await page.getByRole("button", { name: "설정", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "로그아웃" }).click();
  await company(page).waitFor();
  expect(page.url().startsWith(house.url)).toBe(true);
  await context.close();
});

test("another tab of the same browser follows who comes in", async () => {
  const { context, page } = await visit(house.url);
  const other = await context.newPage();
  await other.goto(house.url);
  await company(other).waitFor();
  await company(page).click();
  await atProvider(page, "kim");
  await page.locator("nav").waitFor();
  await other.locator("nav").waitFor();
  await context.close();
});

test("whom the provider knows and we do not is told so at the sign-in, which goes on", async () => {
  const { context, page } = await visit(house.url);
  await company(page).click();
  await atProvider(page, "stranger");
  const alert = page.getByRole("alert");
  await alert.waitFor();
  expect(await alert.textContent()).toContain("로그인하지 못했어요");
  expect(new URL(page.url()).search).toBe("");
  await page.locator('input[name="username"]').fill("kim");
  await page.locator('input[name="current-password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.locator("nav").waitFor();
  await context.close();
});

test("where passwords are for administrators, the company's account comes first and theirs still works", async () => {
  const { context, page } = await visit(strict.url);
  await company(page).waitFor();
  expect(await page.locator('input[name="username"]').count()).toBe(0);
  expect(await findings(page)).toEqual([]);
  await page.getByRole("button", { name: "관리자 비밀번호" }).click();
  const signIn = async (id: string): Promise<void> => {
    await page.locator('input[name="username"]').fill(id);
    await page.locator('input[name="current-password"]').fill(password);
    await page.locator('button[type="submit"]').click();
  };
  await signIn("kim");
  await page.getByRole("alert").waitFor();
  expect(await page.getByRole("alert").textContent()).toContain("비밀번호로는");
  await signIn("chief");
  await page.locator("nav").waitFor();
  await context.close();
});

test("the sign-in is sound in every look", async () => {
  for (const [name, look] of Object.entries({
    light: {},
    dark: { theme: "dark" as const },
    "en-360": { lang: "en-GB", width: 360 },
    "ko-360-dark": { theme: "dark" as const, width: 360 },
  })) {
    for (const [which, at] of Object.entries({ both: house.url, company: strict.url })) {
      const { context, page } = await visit(at, look);
      await page.locator("main button").first().waitFor();
      await page.getByRole("button", { name: /한빛|company/ }).waitFor();
      expect(await findings(page), `${which} ${name}`).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      await page.screenshot({ path: join(screens, `signin-${which}-${name}.png`) });
      await context.close();
    }
  }
});

test("a signed-in browser lets the desktop in when it is asked, and says so", async () => {
  const { context, page } = await visit(house.url);
  const verifier = "a verifier that only the desktop knows, long";
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const came: URLSearchParams[] = [];
  // What the tray does when the browser comes back.
  const tray = createServer((ask, answer) => {
    came.push(new URL(ask.url ?? "", "http://tray").searchParams);
    answer.writeHead(303, { location: `${house.url}/?vouched=1` }).end();
  });
  await new Promise<void>((done) => tray.listen(0, "127.0.0.1", done));
  const { port } = tray.address() as { port: number };
  const state = "a-state-of-the-desktop-1";
  await page.goto(`${house.url}/?vouch=${challenge}&port=${port}&state=${state}`);
  await company(page).click();
  await atProvider(page, "lee");
  await page.getByRole("button", { name: "앱에 로그인", exact: true }).waitFor();
  expect(await page.getByLabel("확인 번호").textContent()).toBe(challenge.slice(0, 6).toUpperCase());
  expect(await page.getByText("이준호 님으로").count()).toBe(1);
  expect(await findings(page)).toEqual([]);
  await page.screenshot({ path: join(screens, "vouch.png") });
  await page.getByRole("button", { name: "앱에 로그인", exact: true }).click();
  await page.getByText("Sendjay 앱에 로그인했어요").waitFor();
  await page.screenshot({ path: join(screens, "vouched.png") });
  expect(came).toHaveLength(1);
  expect(came[0]?.get("state")).toBe(state);
  const taken = await fetch(`${house.url}/api/v1/auth/vouched`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code: came[0]?.get("code"), verifier }),
  });
  expect(((await taken.json()) as { user: { id: string } }).user.id).toBe("lee");
  await page.getByRole("button", { name: "브라우저에서 계속" }).click();
  await page.locator("nav").waitFor();
  tray.close();
  await context.close();
});
