import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBrowser, Viewer } from "./browser.ts";
import { House, password } from "./house.ts";

let house: House;
let browser: Browser;
beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호" });
  house.add("new", "새 직원", "--must-change");
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

test("a wrong password is said at the field, what was typed stays, the right one signs in", async () => {
  const v = await Viewer.open(browser, house);
  await v.signIn("kim", "wrong");
  const error = v.page.getByRole("alert");
  await error.waitFor();
  expect(await error.textContent()).toContain("비밀번호가 맞지 않아요");
  const box = v.page.locator('input[name="current-password"]');
  expect(await box.getAttribute("aria-invalid")).toBe("true");
  expect(await box.evaluate((el) => el === document.activeElement)).toBe(true);
  expect(await v.page.locator('input[name="username"]').inputValue()).toBe("kim");
  await v.signIn("kim");
  await v.ready();
  expect(v.faults).toEqual([]);
  await v.close();
});

test("empty fields are refused one by one, without asking the server", async () => {
  const v = await Viewer.open(browser, house);
  await v.page.getByRole("button", { name: "로그인" }).click();
  expect(await v.page.getByRole("alert").textContent()).toContain("아이디를 입력");
  await v.page.locator('input[name="username"]').fill("kim");
  await v.page.getByRole("button", { name: "로그인" }).click();
  expect(await v.page.getByRole("alert").textContent()).toContain("비밀번호를 입력");
  await v.close();
});

test("the password can be shown, the id can be remembered, the language changed", async () => {
  const v = await Viewer.open(browser, house);
  const box = v.page.locator('input[name="current-password"]');
  await box.fill(password);
  await v.page.getByRole("button", { name: "비밀번호 보기" }).click();
  expect(await box.getAttribute("type")).toBe("text");
  await v.page.getByRole("button", { name: "English" }).click();
  await v.page.getByRole("button", { name: "Sign in" }).waitFor();
  expect(await v.page.locator("html").getAttribute("lang")).toBe("en");
  await v.page.getByLabel("Remember my id").check();
  await v.signIn("kim");
  await v.ready();
  await v.page.getByRole("button", { name: "Settings", exact: true }).click();
  await v.page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  const id = v.page.locator('input[name="username"]');
  await id.waitFor();
  expect(await id.inputValue()).toBe("kim");
  await v.close();
});

test("a one-time password must be changed before anything else", async () => {
  const v = await Viewer.open(browser, house);
  await v.signIn("new");
  const submit = v.page.getByRole("button", { name: "비밀번호 변경" });
  await submit.waitFor();
  await v.page.getByLabel("지금 비밀번호").fill(password);
  await v.page.getByLabel("새 비밀번호", { exact: true }).fill("second-bird-8");
  await v.page.getByLabel("새 비밀번호 확인").fill("second-bird-9");
  await submit.click();
  expect(await v.page.getByRole("alert").textContent()).toContain("서로 달라요");
  await v.page.getByLabel("새 비밀번호 확인").fill("second-bird-8");
  await submit.click();
  await v.ready();
  await v.close();
});

test("a reload keeps the sign-in", async () => {
  const v = await Viewer.signedIn(browser, house, "lee");
  await v.page.reload();
  await v.ready();
  await v.close();
});
