// A day without a mouse, in both languages: every step by keys alone, and the focus is never lost on the way.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startBrowser, Viewer } from "./browser.ts";
import { House, password } from "./house.ts";

let house: House;
let browser: Browser;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호", han: "한소희" });
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

test.each(["ko", "en"] as const)(
  "sign in, write, answer, search, settle and sign out by keys alone: %s",
  async (lang) => {
    const v = await Viewer.open(browser, house, { lang });
    const { page } = v;
    const keys = page.keyboard;
    // to presses one key until it stands on what is called so; it must get there without falling off the page.
    const to = async (name: RegExp, key = "Tab", most = 20) => {
      const way: string[] = [];
      for (let i = 0; i < most; i++) {
        const at = await page.evaluate(() => {
          const el = document.activeElement;
          const label = (el as HTMLInputElement | null)?.labels?.[0]?.textContent;
          return el === document.body ? "" : (el?.getAttribute("aria-label") ?? label ?? el?.textContent ?? "");
        });
        way.push(at);
        if (name.test(at)) return;
        await keys.press(key);
      }
      throw new Error(`no way to ${name} by ${key}: ${way.join(" > ")}`);
    };

    // Sign-in: the first field has the keyboard.
    await page.locator('input[name="username"]').waitFor();
    await to(lang === "ko" ? /^아이디$/ : /^Id$/, "Tab", 1);
    await keys.type("kim");
    await to(lang === "ko" ? /^비밀번호$/ : /^Password$/);
    await keys.type(password);
    await keys.press("Enter");
    await v.ready();

    // A new chat with a colleague who is found by name.
    await page.locator("nav").waitFor();
    await keys.press("Alt+n");
    await page.getByRole("dialog").waitFor();
    await page.getByRole("dialog").locator(":focus").waitFor();
    await keys.type("한소희");
    await page.getByRole("option", { name: /한소희/ }).waitFor();
    await keys.press("Enter");
    await to(lang === "ko" ? /^시작하기$/ : /^Start$/);
    await keys.press("Enter");

    // The box has the keyboard; what is sent is there, and is answered from the list of messages.
    await page.locator("textarea:focus").waitFor();
    await keys.type("견적서 보냈어요");
    await keys.press("Enter");
    await page.locator('article[data-state="sent"]', { hasText: "견적서 보냈어요" }).last().waitFor();
    await to(/견적서 보냈어요/, "Shift+Tab", 4);
    expect(await findings(page)).toEqual([]);
    await keys.press("Enter");
    await page.getByRole("menu").locator(":focus").waitFor();
    await to(lang === "ko" ? /^답장$/ : /^Reply$/, "ArrowDown");
    await keys.press("Enter");
    await page.locator("textarea:focus").waitFor();
    await keys.type("확인 부탁드려요");
    await keys.press("Enter");
    await page.locator('article[data-state="sent"]', { hasText: "확인 부탁드려요" }).last().waitFor();

    // The search of all rooms, and a hit that is opened.
    await keys.press("Control+Shift+f");
    await page.locator("input:focus").waitFor();
    await keys.type("견적서");
    await page.locator("section mark").first().waitFor();
    await to(/견적서/);
    await keys.press("Enter");
    await page.locator("main article", { hasText: "견적서 보냈어요" }).first().waitFor();
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);

    // The settings: tabs by arrows, and the way out.
    await keys.press("Control+,");
    await page.getByRole("dialog").locator(":focus").waitFor();
    await to(lang === "ko" ? /^프로필$/ : /^Profile$/, "ArrowRight");
    await to(lang === "ko" ? /^화면$/ : /^Looks$/, "ArrowLeft");
    await to(lang === "ko" ? /^로그아웃$/ : /^Sign out$/);
    expect(await findings(page)).toEqual([]);
    await keys.press("Enter");
    await page.locator('input[name="username"]:focus').waitFor();
    expect(v.faults).toEqual([]);
    await v.close();
  },
);
