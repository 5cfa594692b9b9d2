// Who comes back to a room in front after days: what is asked for, and that it ends as a page that is loaded now.
import { beforeEach, expect, test } from "vitest";
import type { Emoji, MessageID, Seq } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import { createApp } from "./app.ts";
import type { App } from "./face.ts";
import { settle } from "./statetest/clock.ts";
import { app, begin, bubbles, lee, look, r1, theirs, world } from "./statetest/page.ts";

beforeEach(async () => {
  await begin();
  world.changesMax = limits.changesMax;
});

const many = 2100;
const house = () => world.house(r1);
const questions = () => world.got.filter((p) => p.startsWith("rooms/r1"));

// shown is what stands in the room from its newest message up, as many lines as both have.
const shown = (of: App, n: number): unknown =>
  of
    .model(r1)
    .bubbles.value.slice(-n)
    .map(({ state, message: { seq, body, unread, reactions, cancelled, edited } }) => ({
      ...{ state, seq, body, unread, cancelled, edited: edited !== undefined, reactions: reactions ?? [] },
    }));

async function likeANewPage(): Promise<void> {
  const fresh = createApp(world.parts());
  const here = app;
  await fresh.start();
  await world.hello();
  fresh.open(r1);
  await world.clock.pass(1000);
  const n = Math.min(fresh.model(r1).bubbles.value.length, here.model(r1).bubbles.value.length);
  expect(n).toBeGreaterThanOrEqual(limits.pageDefault);
  expect(shown(here, n)).toEqual(shown(fresh, n));
}

async function back(): Promise<void> {
  world.got.length = 0;
  await world.hello(3 * 24 * 3_600_000);
  await world.clock.pass(1000);
}

test("after more than 2,000 missed messages the room in front is read anew, with few questions", async () => {
  await look(r1);
  world.cut();
  for (let i = 0; i < many; i++) theirs(r1, `m${i}`);
  house().edit(`t${many - 3}` as MessageID, "other words");
  house().cancel(`t${many - 10}` as MessageID);
  house().react(`t${many - 5}` as MessageID, lee, "👍" as Emoji, true);
  house().read(lee, many - 20);
  await back();
  expect(bubbles().at(-1)?.message.body).toBe(`m${many - 1}`);
  // Four pages of changes, then the room and its newest messages.
  expect(questions().filter((p) => p.includes("/changes"))).toHaveLength(4);
  expect(questions().length).toBeLessThanOrEqual(6);
  // Of what was taken back before anybody here read it there is no trace.
  const seqs = bubbles().map((b) => b.message.seq as number);
  const whole = Array.from({ length: seqs.length + 1 }, (_, i) => (seqs[0] as number) + i);
  expect(seqs).toEqual(whole.filter((seq) => seq !== many - 11));
  await likeANewPage();
  // What lies above is there as it is for anybody who scrolls up.
  await app.model(r1).loadOlder();
  expect(bubbles().length).toBeGreaterThan(limits.pageMax);
});

test("after as many changes of what stood there already the same", async () => {
  // Smaller pages do here: it is their number that counts.
  world.changesMax = limits.changesMax / 5;
  const many = 450;
  for (let i = 0; i < many; i++) theirs(r1, `m${i}`);
  await look(r1);
  while (bubbles().length < 300) await app.model(r1).loadOlder();
  world.cut();
  for (let i = 3; i < many; i++) house().edit(`t${i}` as MessageID, `mended ${i}`);
  await back();
  expect(questions().length).toBeLessThanOrEqual(6);
  await likeANewPage();
  expect(bubbles().at(-5)?.message.body).toMatch(/^mended/);
});

test("what comes while it is being read anew is neither lost nor shown twice", async () => {
  await look(r1);
  world.cut();
  for (let i = 0; i < many; i++) theirs(r1, `m${i}`);
  world.lag = 50;
  const coming = back();
  for (let i = 0; i < 20; i++) {
    await world.push(theirs(r1, `live ${i}`));
    await world.clock.pass(20);
  }
  await coming;
  world.lag = 0;
  await world.clock.pass(2000);
  const said = bubbles().map((b) => b.message.body);
  expect(said.filter((b) => b.startsWith("live"))).toEqual(Array.from({ length: 20 }, (_, i) => `live ${i}`));
  await likeANewPage();
});

test("who had scrolled far up loses no word of what he had typed, and is not counted as a reader", async () => {
  for (let i = 0; i < 400; i++) theirs(r1, `m${i}`);
  await look(r1);
  while (bubbles().length < 300) await app.model(r1).loadOlder();
  app.model(r1).setDraft("half a sen");
  world.focused.value = false;
  world.cut();
  const read = app.model(r1).room.value?.read;
  for (let i = 0; i < many; i++) theirs(r1, `later ${i}`);
  await back();
  await settle();
  expect(app.model(r1).draft.value).toBe("half a sen");
  expect(app.model(r1).room.value?.read).toBe(read);
  expect(app.model(r1).room.value?.unread).toBe(many + 401 - ((read ?? 0) as Seq));
});
