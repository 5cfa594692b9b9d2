import { mkdirSync } from "node:fs";
import type { Browser, Locator } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { findings } from "./axe.ts";
import { startBrowser, Viewer } from "./browser.ts";
import { type Caller, House, until } from "./house.ts";

let house: House;
let browser: Browser;
let pair: string;
let group: string;
let kim: Viewer;
let lee: Viewer;
let kimCalls: Caller;
let leeCalls: Caller;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호", park: "박지민", choi: "최유진" });
  browser = await startBrowser();
  kimCalls = await house.as("kim");
  leeCalls = await house.as("lee");
  pair = await kimCalls.room(["lee"]);
  group = await kimCalls.room(["lee", "park"], "기획 회의");
  await kimCalls.say(group, "모두 안녕하세요");
});
afterAll(async () => {
  await browser?.close();
  await house?.close();
});
beforeEach(async () => {
  kim = await Viewer.back(kim, browser, house, "kim");
  lee = await Viewer.back(lee, browser, house, "lee");
});
afterEach(async () => {
  expect(kim.faults).toEqual([]);
  expect(lee.faults).toEqual([]);
  await kim.rest();
  await lee.rest();
});

const shots = process.env["SHOTS"];
async function shot(v: Viewer, name: string): Promise<void> {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await v.page.screenshot({ path: `${shots}/${name}.png` });
}
async function choose(v: Viewer, message: Locator, name: string): Promise<void> {
  await message.locator("[class*=bubble]").first().click({ button: "right" });
  await v.page.getByRole("menuitem", { name, exact: true }).click();
}

test("a reply quotes what the server has, a click goes to the original far away, and a gone one fails softly", async () => {
  const first = await leeCalls.say(pair, "아주 오래된 질문이에요");
  for (let i = 0; i < 260; i++) await kimCalls.say(pair, `사이에 있는 글 ${i}`);
  await leeCalls.command("message.send", {
    id: crypto.randomUUID(),
    room: pair,
    type: "talk",
    body: "그 답이에요",
    reply: first.id,
  });
  await kim.openRoom(pair);
  const quote = kim.bubble("그 답이에요").locator("[data-quote]");
  await quote.getByText("아주 오래된 질문이에요").waitFor();
  expect(await kim.bubble("아주 오래된 질문이에요").count()).toBe(1); // the reply alone
  await quote.click();
  await kim.page.locator(`[data-message="${first.id}"]`).waitFor();
  await shot(kim, "jumped");
  await leeCalls.command("message.cancel", { room: pair, id: first.id });
  await kim.page
    .getByRole("button", { name: /최근 대화|Newest|대화로/ })
    .first()
    .click();
  await quote.getByText("취소된 메시지예요").waitFor();
  expect(await kim.page.getByText("아주 오래된 질문이에요").count()).toBe(0);
});

test("Esc takes the quote bar away and keeps the text", async () => {
  await kim.openRoom(group);
  const asked = kim.bubble("모두 안녕하세요").first();
  await asked.hover();
  await asked.getByRole("button", { name: "답장" }).click();
  await kim.box.pressSequentially("쓰던 글");
  await kim.box.press("Escape");
  await kim.page.getByText("김서연 님에게 답장").waitFor({ state: "detached" });
  expect(await kim.box.inputValue()).toBe("쓰던 글");
  // From a message it leads back to the box.
  await asked.focus();
  await kim.page.keyboard.press("Escape");
  await until("the keyboard in the box", () => kim.box.evaluate((el) => el === document.activeElement));
  await kim.box.fill("");
});

test("@ opens the members, initial consonants and an unfinished syllable find them, and the person is spoken to", async () => {
  await kim.openRoom(group);
  await kim.box.focus();
  const line = await kim.context.newCDPSession(kim.page);
  await line.send("Input.insertText", { text: "@" });
  const list = kim.page.getByRole("listbox", { name: "부를 사람" });
  await list.getByRole("option").first().waitFor();
  expect(
    await list.locator("[data-mention]").evaluateAll((all) => all.map((o) => (o as HTMLElement).dataset.mention)),
  ).toEqual(["*", "park", "lee"]);
  expect(await findings(kim.page)).toEqual([]);
  await shot(kim, "mention");
  for (const text of ["ㅇ", "이"]) {
    await line.send("Input.imeSetComposition", { text, selectionStart: 1, selectionEnd: 1 });
    await until(
      `the list for ${text}`,
      async () =>
        (await list.locator('[data-mention="lee"]').count()) === 1 &&
        (await list.locator("[data-mention]").count()) === 1,
    );
  }
  await line.send("Input.insertText", { text: "이" });
  await kim.box.press("Enter");
  expect(await kim.box.inputValue()).toBe("@이준호 ");
  await kim.box.pressSequentially("님 확인해 주세요");
  await kim.box.press("Enter");
  await lee.openRoom(group);
  await lee.bubble("님 확인해 주세요").locator("[class*=mention]", { hasText: "@이준호" }).waitFor();
  const stored = (await leeCalls.messages(group)).at(-1) as { mentions?: string[] } | undefined;
  expect(stored?.mentions).toEqual(["lee"]);
  // Initial consonants, with the arrow keys and Esc.
  await kim.box.pressSequentially("@ㅂㅈㅁ");
  await list.getByRole("option", { name: "박지민" }).waitFor();
  await kim.box.press("Escape");
  await list.waitFor({ state: "detached" });
  await kim.box.fill("");
});

test("an edit shows everywhere with its mark, arrow up starts it, and the old words find nothing", async () => {
  await kim.openRoom(pair);
  await lee.openRoom(pair);
  // It goes out as urgent, and stays so.
  const urgent = kim.page.getByRole("button", { name: "긴급으로 보내기" });
  await urgent.click();
  await kim.page.getByText("한 시간에 5개까지").waitFor();
  await kim.box.fill("회의는 세시 반이에요");
  expect(await findings(kim.page)).toEqual([]);
  await kim.box.press("Enter");
  expect(await urgent.getAttribute("aria-pressed")).toBe("false");
  await lee.bubble("회의는 세시 반이에요").waitFor();
  await kim.box.press("ArrowUp");
  await kim.page.getByText("메시지 수정").waitFor();
  await kim.box.fill("회의는 네시예요");
  await kim.box.press("Enter");
  await lee.bubble("회의는 네시예요").getByText("수정됨").waitFor();
  await lee.bubble("회의는 네시예요").getByText("긴급", { exact: true }).waitFor();
  await kim.bubble("회의는 네시예요").getByText("수정됨").waitFor();
  await until("the old words to be gone", async () => (await lee.page.getByText("세시 반").count()) === 0);
  const found = await leeCalls.get<{ messages: unknown[] }>(
    `/api/v1/search?q=${encodeURIComponent("세시 반")}&room=${pair}`,
  );
  expect(found.messages).toEqual([]);
  expect(await kim.box.inputValue()).toBe("");
});

test("emoji under a message: six at hand, all of them with Korean names, each person once", async () => {
  await lee.openRoom(pair);
  await lee.say("오늘 제가 쏠게요");
  await kim.openRoom(pair);
  const there = kim.bubble("오늘 제가 쏠게요");
  await there.hover();
  await there.getByRole("button", { name: "반응" }).click();
  await shot(kim, "quick");
  await kim.page.getByRole("dialog", { name: "반응" }).getByRole("button", { name: "👍" }).click();
  await lee.bubble("오늘 제가 쏠게요").locator('[data-emoji="👍"]').getByText("1", { exact: true }).waitFor();
  await there.hover();
  await there.getByRole("button", { name: "반응" }).click();
  await kim.page.getByRole("button", { name: "모든 이모지" }).click();
  const find = kim.page.getByPlaceholder("이모지 찾기");
  await find.fill("케이크");
  // One ring: it lies on the edge of the box.
  expect(await find.evaluate((e) => getComputedStyle(e).outlineOffset)).toBe("-1px");
  await kim.page.getByRole("group", { name: "이모지" }).getByRole("button").first().waitFor();
  await shot(kim, "emoji");
  expect(await findings(kim.page)).toEqual([]);
  await kim.page
    .getByRole("button", { name: /케이크/ })
    .first()
    .click();
  await until("two kinds", async () => (await lee.bubble("오늘 제가 쏠게요").locator("[data-emoji]").count()) === 2);
  await lee.bubble("오늘 제가 쏠게요").locator('[data-emoji="👍"]').click();
  await there.locator('[data-emoji="👍"]').getByText("2", { exact: true }).waitFor();
  // From the menu too the six stand at the message, not in the middle of the line.
  await there.click({ button: "right" });
  await kim.page.getByRole("menuitem", { name: "반응" }).click();
  const pop = await kim.page.getByRole("dialog", { name: "반응" }).boundingBox();
  const said = await there.locator("[data-bubble]").boundingBox();
  const middle = (b: typeof pop) => (b?.x ?? 0) + (b?.width ?? 0) / 2;
  expect(Math.abs(middle(pop) - middle(said))).toBeLessThan(100);
  await kim.page.keyboard.press("Escape");
  await there.locator('[data-emoji="👍"]').click();
  await lee.bubble("오늘 제가 쏠게요").locator('[data-emoji="👍"]').getByText("1", { exact: true }).waitFor();
});

test("the unread number lists who has not read, and who has", async () => {
  await kim.openRoom(group);
  await kim.say("읽은 사람을 보여 주세요");
  const mine = kim.bubble("읽은 사람을 보여 주세요");
  await mine.locator('[data-unread="2"]').click();
  const sheet = kim.page.getByRole("dialog", { name: "읽은 사람" });
  await sheet.locator('[data-readers="unread"]').getByText("이준호").waitFor();
  await lee.openRoom(group);
  await sheet.locator('[data-readers="read"]').getByText("이준호").waitFor();
  await shot(kim, "readers");
  expect(await findings(kim.page)).toEqual([]);
});

test("a message goes to several rooms at once, marked as forwarded, with an id of its own", async () => {
  await kim.openRoom(pair);
  await kim.say("돌려 볼 글");
  // As plain text it goes anywhere.
  await kim.context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: house.url });
  await choose(kim, kim.bubble("돌려 볼 글"), "복사");
  await kim.page.getByText("복사했어요").waitFor();
  expect(await kim.page.evaluate(() => navigator.clipboard.readText())).toBe("돌려 볼 글");
  await choose(kim, kim.bubble("돌려 볼 글"), "전달");
  const sheet = kim.page.getByRole("dialog", { name: "전달하기" });
  await sheet.locator(`[data-room="${group}"]`).click();
  await sheet.getByRole("combobox").fill("최유");
  await sheet.getByRole("option", { name: /최유진/ }).click();
  await shot(kim, "forward");
  expect(await findings(kim.page)).toEqual([]);
  await sheet.getByRole("button", { name: "2곳에 전달" }).click();
  await sheet.waitFor({ state: "detached" });
  await lee.openRoom(group);
  await lee.bubble("돌려 볼 글").getByText("전달된 메시지").waitFor();
});

test("dragging a message onto another room in the list offers to forward it there", async () => {
  await kim.openRoom(pair);
  await kim.say("끌어 볼 글");
  const mine = kim.bubble("끌어 볼 글");
  await mine.hover();
  await mine.locator("[data-grip]").dragTo(kim.row(group));
  const sheet = kim.page.getByRole("dialog", { name: "전달하기" });
  await sheet.getByRole("button", { name: "1곳에 전달" }).click();
  await lee.openRoom(group);
  await lee.bubble("끌어 볼 글").waitFor();
});

test("dragging a message into another window forwards it to the room there", async () => {
  const other = await kim.tab();
  await kim.openRoom(group, other);
  await kim.openRoom(pair);
  await kim.say("창을 건너갈 글");
  await kim.page.locator('article[data-state="sent"]', { hasText: "창을 건너갈 글" }).last().hover();
  const grip = kim.bubble("창을 건너갈 글").last().locator("[data-grip]");
  // No browser under test drags from one page to another; what one gives, the other is handed.
  const carried = await grip.evaluate((el) => {
    const data = new DataTransfer();
    el.dispatchEvent(new DragEvent("dragstart", { bubbles: true, dataTransfer: data }));
    el.dispatchEvent(new DragEvent("dragend", { bubbles: true, dataTransfer: data }));
    return data.types.map((t) => [t, data.getData(t)] as const);
  });
  const drop = () =>
    other.locator("main textarea").evaluate((el, all) => {
      const data = new DataTransfer();
      for (const [type, value] of all) data.setData(type, value);
      for (const kind of ["dragover", "drop"])
        el.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
    }, carried);
  await drop();
  const sheet = other.getByRole("dialog", { name: "전달하기" });
  await sheet.getByRole("button", { name: "1곳에 전달" }).click();
  await lee.openRoom(group);
  await lee.bubble("창을 건너갈 글").last().getByText("전달된 메시지").waitFor();
  // Back where it came from there is nothing to forward.
  await kim.openRoom(pair, other);
  await drop();
  await other.locator("main textarea").focus();
  expect(await sheet.count()).toBe(0);
  await other.close();
});

test("several are chosen and deleted for me alone, on both of my devices, with the number in the question", async () => {
  const other = await kim.tab();
  await kim.openRoom(pair);
  for (const text of ["하나", "둘", "셋"]) await kim.say(`지울 글 ${text}`);
  await lee.openRoom(pair);
  await lee.bubble("지울 글 셋").waitFor();
  await choose(kim, kim.bubble("지울 글 하나"), "선택");
  await kim.page.getByRole("toolbar", { name: "메시지 선택" }).waitFor();
  await kim.page.keyboard.press("Escape");
  await kim.box.waitFor();
  await choose(kim, kim.bubble("지울 글 하나"), "선택");
  await kim.bubble("지울 글 둘").click();
  const bar = kim.page.getByRole("toolbar", { name: "메시지 선택" });
  await bar.getByText("2개 선택").waitFor();
  expect(await bar.getByRole("button", { name: "복사" }).count()).toBe(0); // with one alone
  await shot(kim, "choosing");
  expect(await findings(kim.page)).toEqual([]);
  await bar.getByRole("button", { name: "나에게서 삭제" }).click();
  const sure = kim.page.getByRole("alertdialog");
  await sure.getByText("메시지 2개를 지울까요?").waitFor();
  await sure.getByRole("button", { name: "나에게서 삭제" }).click();
  await kim.bubble("지울 글 하나").waitFor({ state: "detached" });
  await kim.bubble("지울 글 둘").waitFor({ state: "detached" });
  expect(await kim.bubble("지울 글 셋").count()).toBe(1);
  expect(await lee.bubble("지울 글 하나").count()).toBe(1);
  expect((await kimCalls.messages(pair)).map((m) => m.body)).not.toContain("지울 글 하나");
  await other.close();
});

test("deleting all empties the room for me; it stays in the list with no message", async () => {
  const room = await kimCalls.room(["choi"]);
  for (let i = 0; i < 5; i++) await kimCalls.say(room, `곧 지울 글 ${i}`);
  await kim.openRoom(room);
  await kim.bubble("곧 지울 글 4").waitFor();
  await kim.page.locator("main").getByRole("button", { name: "더 보기" }).click();
  await kim.page.getByRole("menuitem", { name: "대화 내용 모두 지우기" }).click();
  await kim.page.getByRole("alertdialog").getByRole("button", { name: "모두 지우기" }).click();
  await kim.bubble("곧 지울 글 4").waitFor({ state: "detached" });
  await kim.row(room).getByText("아직 나눈 대화가 없어요").waitFor();
  await kim.page.reload();
  await kim.row(room).getByText("아직 나눈 대화가 없어요").waitFor();
});

test("the master pins a message on top, everybody sees it, folds it for himself, and a cancel takes it down", async () => {
  await kim.openRoom(group);
  await kim.say("점심시간은 12시 30분부터예요");
  await choose(kim, kim.bubble("점심시간은 12시 30분부터예요"), "공지로 올리기");
  await lee.openRoom(group);
  const notice = lee.page.getByRole("complementary", { name: "공지" });
  await notice.getByText("점심시간은 12시 30분부터예요").waitFor();
  await shot(lee, "notice");
  expect(await findings(lee.page)).toEqual([]);
  // Who is not the master is not offered it.
  await lee.bubble("점심시간은").locator("[class*=bubble]").first().click({ button: "right" });
  expect(await lee.page.getByRole("menuitem", { name: /공지/ }).count()).toBe(0);
  await lee.page.keyboard.press("Escape");
  await notice.getByRole("button", { name: "공지 접기" }).click();
  await notice.waitFor({ state: "detached" });
  await kim.page.getByRole("complementary", { name: "공지" }).waitFor();
  await choose(kim, kim.bubble("점심시간은 12시 30분부터예요"), "보내기 취소");
  await kim.page.getByRole("alertdialog").getByRole("button", { name: "보내기 취소" }).click();
  await kim.page.getByRole("complementary", { name: "공지" }).waitFor({ state: "detached" });
  await lee.page.getByRole("button", { name: "공지 펼치기" }).waitFor({ state: "detached" });
});

test("the link of a message opens its room there", async () => {
  const said = await kimCalls.say(pair, "링크로 찾아올 글");
  for (let i = 0; i < 130; i++) await kimCalls.say(pair, `뒤에 온 글 ${i}`);
  await lee.page.goto(`${house.url}/#/room/${pair}/message/${said.id}`);
  await lee.page.reload();
  await lee.page.locator(`[data-message="${said.id}"]`).waitFor();
  expect(new URL(lee.page.url()).hash).toBe(`#/room/${pair}`);
  await lee.page.goto(`${house.url}/#/room/${pair}/message/no-such-message`);
  await lee.page.getByText("원래 메시지를 볼 수 없어요. 지워졌거나 들어오기 전의 메시지예요.").waitFor();
});

test("code keeps its shape, a long text is folded, one emoji is large, and nothing becomes an element", async () => {
  await leeCalls.say(pair, '이렇게요\n```go\nif a < b {\n\tfmt.Println("<b>")\n}\n```\n끝');
  await leeCalls.say(pair, Array.from({ length: 40 }, (_, i) => `긴 글의 ${i}번째 줄이에요`).join("\n"));
  await leeCalls.say(pair, "🎉");
  await leeCalls.say(pair, "보세요 https://a.example/\u202Egpj.exe javascript:alert(1) https://a.example/12를");
  await kim.openRoom(pair);
  const code = kim.page.locator("pre", { hasText: "fmt.Println" });
  await code.waitFor();
  expect(await code.textContent()).toBe('if a < b {\n\tfmt.Println("<b>")\n}');
  expect(await kim.bubble("🎉").locator("[class*=emoji]").count()).toBe(1);
  const hrefs = await kim
    .bubble("보세요 https")
    .locator("a")
    .evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).href));
  expect(hrefs).toEqual(["https://a.example/", "https://a.example/12"]);
  const long = kim.bubble("긴 글의 0번째");
  const small = (await long.boundingBox())?.height ?? 0;
  await long.getByRole("button", { name: "더 보기" }).click();
  await until("it to unfold", async () => ((await long.boundingBox())?.height ?? 0) > small * 1.5);
  await shot(kim, "prose");
  expect(await findings(kim.page)).toEqual([]);
});

test("without a line a message says why it waits, and sent again it keeps id, quote and mentions", async () => {
  await kim.openRoom(group);
  const asked = kim.bubble("모두 안녕하세요").first();
  await asked.hover();
  await asked.getByRole("button", { name: "답장" }).click();
  await kim.kept("모두 안녕하세요");
  await house.kill();
  await kim.say("@박지민 님 답이에요");
  const failed = kim.page.locator('[data-state="failed"]', { hasText: "님 답이에요" });
  await failed.getByText(/글은 보관 중이에요/).waitFor();
  const id = await failed.getAttribute("data-message");
  await shot(kim, "failed");
  await kim.page.reload();
  await failed.waitFor();
  await house.start();
  // The page has not dialled anew yet: the click does.
  await failed.getByRole("button", { name: "다시 보내기" }).click();
  await until("it to be stored", async () => (await leeCalls.messages(group)).at(-1)?.body === "@박지민 님 답이에요");
  const stored = (await leeCalls.messages(group)).at(-1) as unknown as {
    id: string;
    quote?: { body: string };
    mentions?: string[];
  };
  expect(stored).toMatchObject({ id, quote: { body: "모두 안녕하세요" }, mentions: ["park"] });
});
