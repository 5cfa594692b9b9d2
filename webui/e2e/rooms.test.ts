// What can be done with a room as a whole: from its menu, its panel, the list and the keyboard.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { startBrowser, Viewer } from "./browser.ts";
import { type Caller, House, until } from "./house.ts";

const staff = ["han", "oh", "seo", "ahn", "yoo", "ko"];
let house: House;
let browser: Browser;
let kim: Viewer;
let lee: Viewer;
let kimCalls: Caller;
let leeCalls: Caller;
let rooms = 0;

beforeAll(async () => {
  house = await House.open({ kim: "김서연", lee: "이준호", park: "박지민", choi: "최유진", jung: "정하늘" });
  for (const id of staff) house.add(id, `직원 ${id}`);
  house.add("rare", "희귀한");
  browser = await startBrowser();
  kimCalls = await house.as("kim");
  leeCalls = await house.as("lee");
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

// group makes a room that kim is the master of, with something in it.
async function group(...members: string[]): Promise<string> {
  // The same people are the same room, so each gets a name of its own, and a guest who makes it new.
  const guest = `guest${++rooms}`;
  house.add(guest, `손님 ${rooms}`);
  const room = await kimCalls.room([...members, guest], `모임 ${rooms}`);
  await kimCalls.say(room, `모임 ${rooms} 시작`);
  await kim.row(room).waitFor();
  return room;
}

async function choose(page: Page, room: string, ...path: string[]): Promise<void> {
  await page.locator(`[data-room="${room}"]`).click({ button: "right" });
  for (const name of path) await page.getByRole("menuitem", { name }).click();
}

async function order(page: Page): Promise<string[]> {
  return page
    .locator("[data-room]")
    .evaluateAll((all) =>
      all
        .sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
        .map((el) => (el as HTMLElement).dataset["room"] ?? ""),
    );
}

test("a name for all is seen live by everybody who has none of his own, mine by me alone on all my devices", async () => {
  const room = await group("lee", "park");
  await lee.row(room).waitFor();
  await lee.openRoom(room);
  await choose(lee.page, room, "이름 바꾸기");
  const mine = lee.page.getByRole("dialog");
  // Lee is not the master: there is nothing to choose.
  expect(await mine.getByRole("radio").count()).toBe(0);
  await mine.getByRole("textbox").fill("준호의 모임");
  await mine.getByRole("textbox").press("Enter");
  await lee.page.getByRole("heading", { name: "준호의 모임" }).waitFor();
  await until("the server to know", async () => {
    const now = await leeCalls.get<{ title: string; own?: boolean }>(`/api/v1/rooms/${room}`);
    return now.title === "준호의 모임" && now.own === true;
  });
  expect(await kim.row(room).getByText(`모임 ${rooms}`, { exact: true }).count()).toBe(1);

  await choose(kim.page, room, "이름 바꾸기");
  const dialog = kim.page.getByRole("dialog");
  await dialog.getByText("모두에게").waitFor();
  await dialog.getByRole("textbox").fill("가".repeat(101));
  await dialog.getByText("1자가 넘었어요").waitFor();
  expect(await dialog.getByRole("button", { name: "저장" }).isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill("새 이름");
  await dialog.getByRole("button", { name: "저장" }).click();
  await kim.row(room).getByText("새 이름").waitFor();
  // Mine again: empty.
  await lee.row(room).getByText("준호의 모임").waitFor();
  await choose(lee.page, room, "이름 바꾸기");
  await lee.page.getByRole("dialog").getByRole("textbox").fill("");
  await lee.page.getByRole("dialog").getByRole("textbox").press("Enter");
  await lee.row(room).getByText("새 이름").waitFor();
  await lee.page.getByRole("heading", { name: "새 이름" }).waitFor();
  // And from another device of mine.
  await leeCalls.command("room.rename", { room, title: "폰에서", for: "me" });
  await lee.page.getByRole("heading", { name: "폰에서" }).waitFor();
});

test("the default name has the others' names and follows who comes and goes", async () => {
  const room = await kimCalls.room(["lee", "choi"]);
  await kimCalls.say(room, "셋이서");
  await kim.row(room).getByText("이준호, 최유진").waitFor();
  await lee.row(room).getByText("김서연, 최유진").waitFor();
  await kimCalls.command("room.invite", { room, members: ["park", "jung", "han"] });
  await kim.row(room).getByText("박지민, 이준호, 정하늘, 직원 han +1").waitFor();
  await kimCalls.command("room.kick", { room, user: "han" });
  await kim.row(room).getByText("박지민, 이준호, 정하늘, 최유진").waitFor();
  await leeCalls.command("room.leave", { room });
  await kim.row(room).getByText("박지민, 정하늘, 최유진").waitFor();
});

test("anybody invites several from the panel, all see who came and by whom, and nobody new is a hint", async () => {
  const room = await group("lee");
  await lee.row(room).waitFor();
  await lee.openRoom(room);
  await lee.page.getByRole("button", { name: "대화 상대" }).click();
  const panel = lee.page.locator("aside");
  await panel.getByRole("button", { name: "초대" }).click();
  const dialog = lee.page.getByRole("dialog");
  await dialog.getByRole("option", { name: /박지민/ }).click();
  await dialog.getByRole("option", { name: /정하늘/ }).click();
  expect(await dialog.getByRole("option", { name: /김서연/ }).getAttribute("aria-disabled")).toBe("true");
  await dialog.getByRole("button", { name: "초대하기" }).click();
  for (const v of [lee, kim]) {
    await v.row(room).getByText("이준호 님이 박지민 님, 정하늘 님을 초대했어요.").waitFor();
  }
  await panel.getByText("정하늘").waitFor();
  await panel.getByRole("heading", { name: /5/ }).waitFor();
  // Somebody else is quicker.
  await panel.getByRole("button", { name: "초대" }).click();
  await dialog.getByRole("option", { name: /최유진/ }).click();
  await kimCalls.command("room.invite", { room, members: ["choi"] });
  await dialog.getByRole("button", { name: "초대하기" }).click();
  await dialog.getByText("모두 이미 참여하고 있어요").waitFor();
  const lines = (await leeCalls.messages(room)).length;
  await leeCalls.command("room.invite", { room, members: ["choi"] });
  expect((await leeCalls.messages(room)).length).toBe(lines);
  // Whoever came sees what was said from then on.
  const park = await house.as("park");
  await kimCalls.say(room, "어서 오세요");
  expect((await park.messages(room)).some((m) => m.body === "모임 1 시작")).toBe(false);
  expect((await park.messages(room)).at(-1)?.body).toBe("어서 오세요");
});

test("whoever is removed has every window of the room closed, with a plain word", async () => {
  const room = await group("lee", "park");
  await lee.row(room).waitFor();
  await lee.openRoom(room);
  const other = await lee.tab();
  await lee.openRoom(room, other);
  await kim.openRoom(room);
  await kim.page.getByRole("button", { name: "대화 상대" }).click();
  await kim.page.getByRole("button", { name: "이준호 님 메뉴" }).click();
  await kim.page.getByRole("menuitem", { name: "내보내기" }).click();
  await kim.page.getByRole("alertdialog").getByRole("button", { name: "내보내기" }).click();
  for (const page of [lee.page, other]) {
    const word = page.getByRole("alertdialog");
    await word.getByText(`방장이 ‘모임 ${rooms}’ 대화방에서 내보냈어요.`).waitFor();
    await word.getByRole("button", { name: "확인" }).click();
    await lee.row(room, page).waitFor({ state: "detached" });
    expect(await page.locator("textarea").count()).toBe(0);
  }
  await expect(leeCalls.say(room, "아직 있나요")).rejects.toThrow(/404/);
  // Only the master sees that he may.
  await kim.page.locator("aside").getByText("박지민").waitFor();
});

test("the master is marked, and hands over", async () => {
  const room = await group("lee", "park");
  await lee.row(room).waitFor();
  await lee.openRoom(room);
  await lee.page.getByRole("button", { name: "대화 상대" }).click();
  const entry = (v: Viewer, name: string) => v.page.locator("aside li", { hasText: name });
  await entry(lee, "김서연").getByText("방장").waitFor({ state: "attached" });
  await lee.page.getByRole("button", { name: "박지민 님 메뉴" }).click();
  expect(await lee.page.getByRole("menuitem").allInnerTexts()).toEqual(["1:1 채팅", "박지민 님의 글만 보기"]);
  await lee.page.keyboard.press("Escape");

  await kim.openRoom(room);
  await kim.page.getByRole("button", { name: "대화 상대" }).click();
  await kim.page.getByRole("button", { name: "이준호 님 메뉴" }).click();
  await kim.page.getByRole("menuitem", { name: "방장 넘기기" }).click();
  await kim.page.getByRole("alertdialog").getByRole("button", { name: "방장 넘기기" }).click();
  for (const v of [kim, lee]) await entry(v, "이준호").getByText("방장").waitFor({ state: "attached" });
  await lee.page.getByRole("button", { name: "박지민 님 메뉴" }).click();
  await lee.page.getByRole("menuitem", { name: "내보내기" }).waitFor();
  await lee.page.keyboard.press("Escape");
  // Who leaves as the master leaves one behind.
  await leeCalls.command("room.leave", { room });
  await until(
    "another master",
    async () => (await kimCalls.get<{ master: string }>(`/api/v1/rooms/${room}`)).master !== "lee",
  );
});

test("rooms are muted from the menu, by key and several at once, live on all my devices", async () => {
  const one = await group("lee");
  const two = await group("lee");
  await choose(kim.page, one, "알림");
  await kim.page.getByRole("menuitemradio", { name: "알림 끄기" }).click();
  await kim.row(one).getByText("알림 꺼짐").waitFor({ state: "attached" });
  await until(
    "the server to know",
    async () => (await kimCalls.get<{ muted?: boolean }>(`/api/v1/rooms/${one}`)).muted === true,
  );
  // A dot stands where the number would.
  const before = Number(
    await kim.page
      .locator("nav")
      .getByText(/안 읽은 글/)
      .count(),
  );
  await leeCalls.say(one, "조용히");
  await kim.row(one).getByText("조용히").waitFor();
  await kim.row(one).getByText("안 읽은 글 1개").waitFor({ state: "attached" });
  expect(await kim.row(one).getByText("1", { exact: true }).count()).toBe(0);
  expect(
    await kim.page
      .locator("nav")
      .getByText(/안 읽은 글/)
      .count(),
  ).toBe(before);

  await kim.openRoom(two);
  await kim.page.keyboard.press("Control+Shift+m");
  await kim.row(two).getByText("알림 꺼짐").waitFor({ state: "attached" });
  // Several at once: both are muted, so both are let speak again.
  await choose(kim.page, one, "여러 개 선택");
  await kim.row(two).click();
  await kim.page.getByText("2개 선택").waitFor();
  await kim.page.getByRole("button", { name: "알림 켜기" }).click();
  await kim.row(one).getByText("알림 꺼짐").waitFor({ state: "detached" });
  await kim.row(two).getByText("알림 꺼짐").waitFor({ state: "detached" });
  // From another device.
  await kimCalls.command("room.mine", { room: two, notify: "mentions" });
  await kim.row(two).getByText("나를 부를 때만 알림").waitFor({ state: "attached" });
});

test("pinned rooms stand first, in the order I drag them to or move them to by key, also after a reload", async () => {
  const [a, b, c] = [await group("lee"), await group("lee"), await group("lee")];
  await choose(kim.page, a, "맨 위에 고정");
  await kim.row(a).getByText("맨 위에 고정됨").waitFor({ state: "attached" });
  await choose(kim.page, b, "맨 위에 고정");
  await choose(kim.page, c, "맨 위에 고정");
  await until("the pinned ones first", async () => (await order(kim.page)).slice(0, 3).join() === [a, b, c].join());
  await leeCalls.say(c, "새 글이 와도");
  await kim.row(c).getByText("새 글이 와도").waitFor();
  expect((await order(kim.page)).slice(0, 3)).toEqual([a, b, c]);

  await kim.row(c).dragTo(kim.row(a), { targetPosition: { x: 120, y: 6 } });
  await until("c above a", async () => (await order(kim.page)).slice(0, 3).join() === [c, a, b].join());
  await kim.row(a).focus();
  await kim.page.keyboard.press("Alt+Shift+ArrowDown");
  await until("a below b", async () => (await order(kim.page)).slice(0, 3).join() === [c, b, a].join());
  await until("the server to know", async () => {
    const page = await kimCalls.get<{ rooms: { id: string }[] }>("/api/v1/rooms?limit=3");
    return page.rooms.map((r) => r.id).join() === [c, b, a].join();
  });
  await kim.page.reload();
  await kim.row(a).waitFor();
  expect((await order(kim.page)).slice(0, 3)).toEqual([c, b, a]);
  for (const id of [a, b, c]) await choose(kim.page, id, "고정 해제");
  await until("none pinned", async () => (await kim.page.locator("[data-pinned]").count()) === 0);
});

test("several rooms are read, and left, from the list", async () => {
  const [a, b] = [await group("lee"), await group("lee")];
  const pair = await kimCalls.room(["jung"]);
  await kimCalls.say(pair, "둘이서");
  for (const id of [a, b]) await leeCalls.say(id, "읽어 주세요");
  for (const id of [a, b]) await kim.row(id).getByText("안 읽은 글 1개").waitFor({ state: "attached" });
  await kim.row(a).click({ modifiers: ["Control"] });
  await kim.row(b).click();
  await kim.page.getByRole("button", { name: "읽음으로 표시" }).click();
  for (const id of [a, b]) await kim.row(id).getByText("안 읽은 글 1개").waitFor({ state: "detached" });
  await until("lee to see it read", async () => (await leeCalls.messages(a)).at(-1)?.unread === 1); // the guest

  await kim.row(a).click({ modifiers: ["Control"] });
  await kim.row(b).click();
  await kim.row(pair).click();
  await kim.page.getByRole("button", { name: "나가기" }).click();
  const sure = kim.page.getByRole("alertdialog");
  await sure.getByText("대화방 3곳에서 나갈까요?").waitFor();
  await sure.getByRole("button", { name: "나가기" }).click();
  for (const id of [a, b, pair]) await kim.row(id).waitFor({ state: "detached" });
  await lee.row(a).getByText("김서연 님이 나갔어요.").waitFor();
  await lee.row(b).getByText("김서연 님이 나갔어요.").waitFor();
  // The pair was left silently and comes back with the next message, without the old ones.
  const jung = await house.as("jung");
  expect((await jung.messages(pair)).map((m) => m.body)).toEqual(["둘이서"]);
  await jung.say(pair, "어디 갔어요?");
  await kim.row(pair).getByText("어디 갔어요?").waitFor();
  await kim.openRoom(pair);
  await kim.bubble("어디 갔어요?").waitFor();
  expect(await kim.bubble("둘이서").count()).toBe(0);
});

test("a room is found by any of its members, also one that the list has not reached", async () => {
  // The one looked for is the oldest of more rooms than a page holds; its member is the seventh.
  const wanted = await kimCalls.room([...staff, "rare"], "오래된 방");
  await kimCalls.say(wanted, "오래전 글");
  // Enough rooms without a single new account: all that three of ten people can be.
  const few = ["lee", "jung", "choi", "park", ...staff];
  const trios = few.flatMap((x, i) => few.slice(i + 1).flatMap((y, j) => few.slice(i + j + 2).map((z) => [x, y, z])));
  await Promise.all(trios.slice(0, 64).map(async (trio) => kimCalls.say(await kimCalls.room(trio), "글")));
  await kim.page.reload();
  await kim.page.locator("[data-room]").first().waitFor();
  await kim.page.getByRole("searchbox").fill("희귀");
  await kim.row(wanted).waitFor();
  await kim.page.getByRole("searchbox").fill("오래된");
  await kim.row(wanted).click();
  await kim.bubble("오래전 글").last().waitFor();
  await kim.page.reload();
  await kim.page.locator("[data-room]").first().waitFor();
  await kim.page.keyboard.press("Control+k");
  await kim.page.getByRole("dialog").getByRole("combobox").fill("희귀");
  await kim.page.getByRole("dialog").getByRole("option", { name: "오래된 방" }).waitFor();
  await kim.page.keyboard.press("Enter");
  await kim.bubble("오래전 글").last().waitFor();
  await kim.page.getByRole("searchbox").fill("ㅇㄹㄷ ㅂ"); // initial consonants
  await kim.row(wanted).waitFor();
  await kim.page.getByRole("searchbox").fill("없는 이름");
  await kim.page.getByText("‘없는 이름’ 검색 결과가 없어요.").waitFor();
  // The whole list is there to scroll to.
  await kim.page.getByRole("searchbox").fill("");
  const list = kim.page.getByRole("list", { name: "채팅" });
  await until("the last row", async () => {
    await list.evaluate((el) => {
      el.scrollTop = el.scrollHeight;
    });
    return (await kim.row(wanted).count()) === 1;
  });
});

test("notes to myself are one room, a press away, and carry their own name", async () => {
  await kim.page.getByRole("button", { name: "새 채팅" }).click();
  await kim.page
    .getByRole("dialog")
    .getByRole("button", { name: /나와의 채팅/ })
    .click();
  await kim.page.getByRole("heading", { name: "나와의 채팅" }).waitFor();
  await kim.say("우유 사기");
  const id = new URL(kim.page.url()).hash.slice("#/room/".length);
  await kim.row(id).getByText("나와의 채팅").waitFor();
  // Nobody else is there to read it.
  expect(await kim.bubble("우유 사기").locator("[data-unread]").count()).toBe(0);
  await kim.page
    .locator("nav")
    .getByRole("button", { name: /김서연/ })
    .click();
  await kim.page.getByRole("menuitem", { name: "나와의 채팅" }).click();
  expect(new URL(kim.page.url()).hash).toBe(`#/room/${id}`);
  await kim.page.getByRole("searchbox").fill("나와의");
  await kim.row(id).waitFor();
});

test("on a roomy screen the panel stands beside a group unless I have hidden it there", async () => {
  const room = await group("lee", "park");
  await kim.page.setViewportSize({ width: 1440, height: 800 });
  await kim.openRoom(room);
  const panel = kim.page.locator("aside");
  await panel.getByText("박지민").waitFor();
  await panel.getByRole("button", { name: "닫기" }).click();
  await panel.waitFor({ state: "detached" });
  await until(
    "the server to know",
    async () => (await kimCalls.get<{ panelHidden?: boolean }>(`/api/v1/rooms/${room}`)).panelHidden === true,
  );
  const other = await group("lee", "jung");
  await kim.openRoom(other);
  await panel.getByText("정하늘").waitFor();
  await kim.page.reload();
  await kim.openRoom(room);
  expect(await panel.count()).toBe(0);
  await kim.page.getByRole("button", { name: "대화 상대" }).click();
  await panel.getByText("박지민").waitFor();
});

test("a room has one window of its own, which a second opening brings to the front", async () => {
  const room = await group("lee", "park");
  const opened = kim.context.waitForEvent("page");
  await choose(kim.page, room, "새 창으로 열기");
  const alone = await opened;
  await alone.locator("textarea").waitFor();
  expect(await alone.locator("nav").count()).toBe(0);
  await expect.poll(() => alone.title()).toBe(`모임 ${rooms} - Sendjay`);
  await alone.locator("textarea").fill("창에서");
  await alone.locator("textarea").press("Enter");
  await lee.row(room).getByText("창에서").waitFor();
  // One socket serves both windows of kim.
  await until("three lines", async () => (await house.sockets()) === 2);

  const twice = kim.context.waitForEvent("page", { timeout: 1500 }).catch(() => null);
  await choose(kim.page, room, "새 창으로 열기");
  expect(await twice).toBeNull();
  await until("the window in front", () => alone.evaluate(() => document.hasFocus()));
  // It outlives a reload of the main window, and goes when that goes.
  await kim.page.reload();
  await kim.ready();
  await alone.locator("textarea").waitFor();
  await kimCalls.say(room, "여전히");
  await kim.bubble("여전히", alone).waitFor();
  const closed = alone.waitForEvent("close");
  const rest = await kim.context.newPage();
  await kim.page.close();
  await closed;
  await rest.close();
});

test("a double click, or a drag out of the window, opens a room's own window, unless the person has said otherwise", async () => {
  const room = await group("lee", "park");
  const opened = lee.context.waitForEvent("page");
  await lee.row(room).dblclick();
  const alone = await opened;
  await alone.locator("textarea").waitFor();
  await alone.close();
  // So does a drag that ends outside of the window, which no mouse of a headless browser can do.
  const dragged = lee.context.waitForEvent("page");
  await lee.row(room).evaluate((row) => {
    const dataTransfer = new DataTransfer();
    row.dispatchEvent(new DragEvent("dragstart", { bubbles: true, dataTransfer }));
    document.dispatchEvent(new DragEvent("dragleave", { bubbles: true, relatedTarget: null }));
    row.dispatchEvent(new DragEvent("dragend", { bubbles: true, dataTransfer }));
  });
  const out = await dragged;
  await out.locator("textarea").waitFor();
  await out.close();
  await lee.page.getByRole("button", { name: "설정", exact: true }).click();
  await lee.page.getByLabel("두 번 누르면 대화를 새 창으로 열기").uncheck();
  await lee.page.keyboard.press("Escape");
  const twice = lee.context.waitForEvent("page", { timeout: 1500 }).catch(() => null);
  await lee.row(room).dblclick();
  expect(await twice).toBeNull();
});

test("whoever is removed loses the room's own window too", async () => {
  const room = await group("lee", "park");
  await lee.row(room).waitFor();
  const opened = lee.context.waitForEvent("page");
  await choose(lee.page, room, "새 창으로 열기");
  const alone = await opened;
  await alone.locator("textarea").waitFor();
  await kimCalls.command("room.kick", { room, user: "lee" });
  // A window that is still opening may be refused the room before it hears who saw to it.
  await alone.getByRole("alertdialog").getByText("‘모임").waitFor();
  const closed = alone.waitForEvent("close");
  await alone
    .getByRole("button", { name: "확인" })
    .click()
    .catch((fault: unknown) => {
      if (!alone.isClosed()) throw fault; // the window may go in the middle of the click
    });
  await closed;
});
