// The second factor as people meet it: set up, asked for, lost, taken away, demanded.
import { createHmac } from "node:crypto";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { type Look, startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { House, password } from "./house.ts";
import { settled } from "./settled.ts";

let house: House;
let browser: Browser;
beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호" });
  house.add("boss", "사장", "--admin");
  house.add("second", "부사장", "--admin");
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

// app is an authenticator app; ahead is in steps of 30 seconds.
function app(secret: string, ahead: number): string {
  const bits = [...secret.replaceAll(" ", "")].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c));
  const key = Buffer.from(
    (
      bits
        .map((b) => b.toString(2).padStart(5, "0"))
        .join("")
        .match(/.{8}/g) ?? []
    ).map((b) => Number.parseInt(b, 2)),
  );
  const at = Buffer.alloc(8);
  at.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead));
  const sum = createHmac("sha1", key).update(at).digest();
  const from = (sum[19] ?? 0) & 15;
  return String((sum.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const openSecurity = async (page: Page, settings = "설정", tab = "로그인") => {
  await page.getByRole("button", { name: settings, exact: true }).click();
  await page.getByRole("tab", { name: tab }).click();
};
const code = (page: Page) => page.locator('input[autocomplete="one-time-code"]');

// turnOn sets it up from the section that is on the screen, and returns secret and recovery codes.
async function turnOn(page: Page, shot = ""): Promise<{ secret: string; codes: string[] }> {
  await page.getByRole("button", { name: "2단계 인증 켜기" }).click();
  const old = page.getByRole("region", { name: "2단계 인증" }).getByLabel("지금 비밀번호");
  await old.fill("wrong");
  const next = page.getByRole("button", { name: "다음", exact: true });
  await next.press("Enter");
  await page.getByText("지금 비밀번호가 맞지 않아요").waitFor();
  expect(await next.evaluate((el) => el === document.activeElement)).toBe(true); // at work it kept the keyboard
  await old.fill(password);
  await old.press("Enter");
  await page.getByRole("img", { name: "인증 앱용 QR 코드" }).waitFor();
  const secret = (await page.locator("code").first().textContent()) ?? "";
  if (shot) await page.screenshot({ path: join(screens, `${shot}-scan.png`) });
  await code(page).fill("000000");
  await code(page).press("Enter");
  await page.getByText("코드가 맞지 않거나").waitFor();
  await code(page).fill(app(secret, 0));
  await code(page).press("Enter");
  await page.getByText("복구 코드예요").waitFor();
  if (shot) await page.screenshot({ path: join(screens, `${shot}-codes.png`) });
  const codes = await page.locator("li code").allTextContents();
  expect(codes.length).toBe(10);
  await page.getByRole("button", { name: "적어 두었어요" }).click();
  return { secret, codes };
}

test("is set up in the settings, asked for at sign-in, and given up again", async () => {
  const v = await Viewer.signedIn(browser, house, "kim");
  await openSecurity(v.page);
  const { secret, codes } = await turnOn(v.page, "factor");
  await v.page.getByText("남은 복구 코드 10개").waitFor();
  await v.page.keyboard.press("Escape");
  await v.context.clearCookies();
  await v.page.reload();
  await v.signIn("kim");
  await code(v.page).waitFor();
  expect(await code(v.page).evaluate((el) => el === document.activeElement)).toBe(true);
  expect(await findings(v.page)).toEqual([]);
  await code(v.page).fill("123456");
  await code(v.page).press("Enter");
  expect(await v.page.getByRole("alert").textContent()).toContain("코드가 맞지 않거나");
  await code(v.page).fill(app(secret, 1)); // the step of the confirmation is used up
  await code(v.page).press("Enter");
  await v.ready();
  await v.context.clearCookies();
  await v.page.reload();
  await v.signIn("kim");
  await code(v.page).fill(codes[0] ?? "");
  await code(v.page).press("Enter");
  await v.ready();
  await openSecurity(v.page);
  await v.page.getByText("남은 복구 코드 9개").waitFor();
  await v.page.getByRole("button", { name: "2단계 인증 끄기" }).click();
  await code(v.page).fill(codes[1] ?? "");
  await code(v.page).press("Enter");
  await v.page.getByRole("button", { name: "2단계 인증 켜기" }).waitFor();
  expect(v.faults).toEqual([]);
  await v.close();
});

test("is demanded of those with a role, and taken away from who lost it", async () => {
  const boss = await Viewer.signedIn(browser, house, "boss");
  const rules = async () => {
    await boss.page.getByRole("button", { name: "관리", exact: true }).click();
    await boss.page.getByRole("button", { name: "로그인 규칙" }).click();
    await boss.page.getByLabel("관리 권한이 있는 사람은 2단계 인증 필수").check();
    await boss.page.getByRole("button", { name: "저장" }).click();
  };
  await rules();
  await boss.page.getByText("먼저 내 설정에서").waitFor(); // nobody shuts himself out
  await openSecurity(boss.page);
  await turnOn(boss.page);
  await boss.page.keyboard.press("Escape");
  await boss.page.reload();
  await boss.ready();
  await rules();
  await boss.page.getByRole("button", { name: "저장했어요" }).waitFor();

  const second = await Viewer.open(browser, house);
  await second.signIn("second");
  await second.page.getByText("회사 규칙에 따라").waitFor();
  expect(await findings(second.page)).toEqual([]);
  await second.page.screenshot({ path: join(screens, "factor-demanded.png") });
  const { codes } = await turnOn(second.page);
  await second.ready();
  await second.page.reload();
  await second.ready();

  await boss.page.getByRole("button", { name: "계정", exact: true }).click();
  await boss.page.getByRole("button", { name: /부사장/ }).click();
  await boss.page.getByRole("button", { name: "2단계 인증 해제" }).click();
  await boss.page.getByRole("alertdialog").getByRole("button", { name: "2단계 인증 해제" }).click();
  await boss.page.getByRole("button", { name: "2단계 인증 해제" }).waitFor({ state: "detached" });
  await second.context.clearCookies();
  await second.page.reload();
  await second.signIn("second");
  await second.page.getByText("회사 규칙에 따라").waitFor();
  expect(codes.length).toBe(10);
  expect([...boss.faults, ...second.faults]).toEqual([]);
  await boss.close();
  await second.close();
});

const looks: readonly Look[] = [
  { lang: "ko", theme: "dark", width: 360, height: 740 },
  { lang: "en", theme: "light", width: 1280, height: 800 },
];
test.each(looks)("the screens hold in %o", async (look) => {
  const v = await Viewer.signedIn(browser, house, "lee", look);
  const en = look.lang === "en";
  await openSecurity(v.page, en ? "Settings" : "설정", en ? "Sign-in" : "로그인");
  await v.page.getByRole("button", { name: en ? "Turn on two-step sign-in" : "2단계 인증 켜기" }).click();
  const old = v.page
    .getByRole("region", { name: en ? "Two-step sign-in" : "2단계 인증" })
    .locator('input[type="password"]');
  await old.fill(password);
  await old.press("Enter");
  await v.page.getByRole("img", { name: en ? /QR/ : /QR/ }).scrollIntoViewIfNeeded();
  await settled(v.page);
  expect(await findings(v.page)).toEqual([]);
  await v.page.screenshot({ path: join(screens, `factor-${look.lang}-${look.theme}-${look.width}.png`) });
  expect(await v.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await v.close();
});
