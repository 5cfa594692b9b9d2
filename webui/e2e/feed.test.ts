// People from HR, as an administrator brings them in: a workbook, a look, an apply, a schedule.
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { type Look, startBrowser, Viewer } from "./browser.ts";
import { screens } from "./build.ts";
import { House } from "./house.ts";

let house: House;
let browser: Browser;
beforeAll(async () => {
  house = await House.open({});
  house.add("boss", "사장", "--admin");
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

async function open(look: Look = {}): Promise<Viewer> {
  const v = await Viewer.signedIn(browser, house, "boss", look);
  const en = look.lang === "en";
  await v.page.getByRole("button", { name: en ? "Admin" : "관리", exact: true }).click();
  await v.page.getByRole("button", { name: en ? "HR" : "인사 연동", exact: true }).click();
  await v.page.getByRole("form", { name: en ? "Every day, automatically" : "매일 자동 적용" }).waitFor();
  return v;
}

test("a workbook brings units and people at once, and a schedule is kept", async () => {
  const v = await open();
  const file = v.page.locator('input[type="file"]');
  await file.setInputFiles({ name: "broken.xlsx", mimeType: "", buffer: Buffer.from("PK\u0003\u0004 nothing") });
  await v.page.getByRole("alert").filter({ hasText: "xlsx" }).waitFor();
  await file.setInputFiles(join(import.meta.dirname, "people.xlsx"));
  await v.page.getByRole("status").filter({ hasText: "2" }).waitFor();
  const sets = v.page.getByRole("region", { name: "받은 자료" });
  await sets
    .getByRole("row", { name: /boss.*사람 2/ })
    .first()
    .waitFor();
  await v.page.getByRole("button", { name: "적용", exact: true }).click();
  await v.page.getByRole("alertdialog").getByRole("button", { name: "적용", exact: true }).click();
  await v.page.getByRole("alertdialog").waitFor({ state: "detached" });
  await v.page.getByRole("status").filter({ hasText: "적용했어요" }).waitFor();
  await sets.getByRole("button", { name: "지우기" }).first().click();
  const sure = v.page.getByRole("alertdialog");
  await sure.getByText("그대로 있어요").waitFor();
  await sure.getByRole("button", { name: "지우기" }).click();
  await sure.waitFor({ state: "detached" });
  const clock = v.page.getByRole("form", { name: "매일 자동 적용" });
  await clock.getByLabel("정해진 시각에 자동으로 적용").check();
  await clock.getByLabel("시간대").fill("Mars/Base");
  await clock.getByRole("button", { name: "저장" }).click();
  await clock.getByText("알 수 없는 시간대").waitFor();
  await clock.getByLabel("시간대").fill("Asia/Seoul");
  await clock.getByLabel("시각", { exact: true }).fill("04:15");
  await clock.getByRole("button", { name: "저장" }).click();
  await clock.getByRole("button", { name: "저장했어요" }).waitFor();
  await v.page.reload();
  await v.close();
  const again = await open();
  expect(await again.page.getByLabel("시각", { exact: true }).inputValue()).toBe("04:15");
  const boss = await house.as("boss");
  expect(JSON.stringify(await boss.get("/api/v1/users?q=한지민"))).toContain("새 팀");
  // Many keys are searched, put in order and turned over.
  for (let i = 0; i < 12; i++) {
    await boss.ask("POST", "/api/v1/admin/feed/keys", {
      name: `ERP ${String(i).padStart(2, "0")}`,
      nets: [`10.0.${i}.0/24`],
    });
  }
  await again.page.reload();
  await again.page.getByRole("button", { name: "관리", exact: true }).click();
  await again.page.getByRole("button", { name: "인사 연동", exact: true }).click();
  const keys = again.page.getByRole("region", { name: "연동 키" });
  await keys.getByText("전체 12 중 1–10").waitFor();
  await keys.getByRole("combobox", { name: "정렬" }).selectOption({ label: "이름순" });
  const on = keys.getByRole("button", { name: "다음" });
  await on.press("Enter");
  await keys.getByText("ERP 11").waitFor();
  // There is no further page; until it is left the button keeps the keyboard.
  expect(await on.evaluate((el) => [el === document.activeElement, el.ariaDisabled])).toEqual([true, "true"]);
  await on.press("Tab");
  await expect.poll(() => on.evaluate((el) => (el as HTMLButtonElement).disabled)).toBe(true);
  expect(await keys.locator("[data-key]").count()).toBe(2);
  await keys.getByRole("searchbox", { name: "이름, 주소" }).fill("10.0.7.");
  await keys.getByText("ERP 07").waitFor();
  expect(await keys.locator("[data-key]").count()).toBe(1);
  expect(await findings(again.page)).toEqual([]);
  await keys.screenshot({ path: join(screens, "keys-ko-light-1280.png") });
  expect(again.faults).toEqual([]);
  await again.close();
});

test("units are made, moved and removed by hand", async () => {
  const v = await open();
  await v.page.getByRole("button", { name: "조직", exact: true }).click();
  const sheet = v.page.getByRole("dialog");
  const make = async (code: string, name: string, under = "") => {
    await v.page.getByRole("button", { name: "새 부서" }).click();
    await sheet.getByLabel("부서 코드").fill(code);
    await sheet.getByLabel("부서 이름").fill(name);
    if (under) await sheet.getByLabel("상위 부서").selectOption(under);
    await sheet.getByRole("button", { name: "만들기" }).click();
  };
  await make("H00", "한빛");
  await sheet.waitFor({ state: "detached" });
  await make("H10", "영업", "H00");
  await sheet.waitFor({ state: "detached" });
  await make("H10", "두 번째");
  await sheet.getByText("이미 있는 코드").waitFor();
  expect(await findings(v.page)).toEqual([]);
  await v.page.screenshot({ path: join(screens, "unit-ko-light-1280.png") });
  await v.page.keyboard.press("Escape");
  const remove = async (code: string) => {
    await v.page.locator(`[data-row="${code}"]`).getByRole("button").click();
    await sheet.getByRole("button", { name: "부서 없애기" }).click();
    await v.page.getByRole("alertdialog").getByRole("button", { name: "부서 없애기" }).click();
  };
  await v.page.getByRole("searchbox", { name: "부서 이름, 코드" }).fill("h00");
  await v.page.locator('[data-row="H10"]').waitFor({ state: "detached" });
  await remove("H00");
  await sheet.getByText("아래에 부서가 있어요").waitFor();
  await v.page.keyboard.press("Escape");
  await v.page.getByRole("searchbox", { name: "부서 이름, 코드" }).fill("");
  await remove("H10");
  await v.page.locator('[data-row="H10"]').waitFor({ state: "detached" });
  await v.page.locator('[data-row="H00"]').waitFor();
  expect(v.faults).toEqual([]);
  await v.close();
});

const looks: readonly Look[] = [
  { lang: "ko", theme: "dark", width: 360, height: 740 },
  { lang: "en", theme: "light", width: 360, height: 740 },
  { lang: "en", theme: "light", width: 1280, height: 900 },
];
test.each(looks)("the screen holds in %o", async (look) => {
  const v = await open(look);
  // No word stands letter below letter beside its field.
  const clock = v.page.getByRole("form", { name: look.lang === "en" ? "Every day, automatically" : "매일 자동 적용" });
  const tall = await clock.locator("label").evaluateAll((all) => all.map((l) => l.getBoundingClientRect().height));
  expect(Math.max(...tall)).toBeLessThan(44);
  expect(await findings(v.page)).toEqual([]);
  await v.page.screenshot({ path: join(screens, `feed-${look.lang}-${look.theme}-${look.width}.png`), fullPage: true });
  expect(await v.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await v.close();
});
