import { signal } from "@preact/signals-core";
import { expect, test } from "vitest";
import type { Person, Presence, RoomID, UserID } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import { Live } from "./live.ts";
import { StillClock } from "./statetest/clock.ts";

const room = "r1" as RoomID;
const other = "r2" as RoomID;
const id = (s: string): UserID => s as UserID;
const person = (s: string): Person => ({ id: id(s), name: s });

function stand() {
  const clock = new StillClock();
  const asked: unknown[] = [];
  const watched: (readonly UserID[])[] = [];
  const page = { focused: signal(true), lastInput: () => last };
  let last = clock.now();
  const live = new Live(
    {
      ask: (async (op: string, data: object) => {
        asked.push({ op, ...data });
        return { data: {} };
      }) as never,
      watch: (users) => watched.push(users),
    },
    clock,
    page,
    () => id("me"),
  );
  return {
    live,
    clock,
    asked,
    watched,
    touch: () => (last = clock.now()),
    names: () => live.typing(room).value.map((p) => p.id),
  };
}
const typing = (on: boolean, at = room) => ({ op: "typing.set", room: at, on });

test("others are typing until they stop, send, or say nothing for six seconds", async () => {
  const { live, clock, names } = stand();
  live.hearTyping({ room, people: [person("lee"), person("me")] });
  expect(names()).toEqual(["lee"]);
  await clock.pass(4000);
  live.hearTyping({ room, people: [person("lee"), person("park")] });
  await clock.pass(4000);
  expect(names()).toEqual(["lee", "park"]);
  live.said(room, id("lee"));
  expect(names()).toEqual(["park"]);
  live.hearTyping({ room, people: [] });
  expect(names()).toEqual([]);
  live.hearTyping({ room, people: [person("lee")] });
  await clock.pass(6001);
  expect(names()).toEqual([]);
});

test("my typing is said at once and every three seconds while I am at it, and its end once", async () => {
  const { live, clock, asked, touch } = stand();
  live.wrote(room, "안");
  live.wrote(room, "안녕");
  expect(asked).toEqual([typing(true)]);
  await clock.pass(3100);
  touch();
  expect(asked).toEqual([typing(true), typing(true)]);
  live.wrote(room, " ");
  live.wrote(room, "");
  await clock.pass(60_000);
  expect(asked).toEqual([typing(true), typing(true), typing(false)]);
});

test("whoever writes in another room no longer types in the first, and a message says so by itself", async () => {
  const { live, clock, asked } = stand();
  live.wrote(room, "a");
  live.wrote(other, "b");
  live.sent(other);
  await clock.pass(10_000);
  expect(asked).toEqual([typing(true), typing(false), typing(true, other)]);
});

test("a text that is left standing is no longer typed", async () => {
  const { live, clock, asked } = stand();
  live.wrote(room, "a");
  await clock.pass(10 * 60_000);
  expect(asked.length).toBeLessThan(25);
  const before = asked.length;
  await clock.pass(10 * 60_000);
  expect(asked.length).toBe(before);
});

test("those on the screen are watched, asked for once, and at most as many as the limit", async () => {
  const { live, clock, watched } = stand();
  const away = [live.watch(id("lee")), live.watch(id("kim")), live.watch(id("lee"))];
  await clock.pass(200);
  expect(watched).toEqual([["kim", "lee"]]);
  away[0]?.();
  away[0]?.();
  await clock.pass(200);
  expect(watched).toHaveLength(1);
  away[2]?.();
  await clock.pass(200);
  expect(watched.at(-1)).toEqual(["kim"]);
  for (let i = 0; i < limits.watched + 20; i++) live.watch(id(`u${i}`));
  await clock.pass(200);
  expect(watched.at(-1)).toHaveLength(limits.watched);
});

test("without a line nothing is claimed of anybody", () => {
  const { live, names } = stand();
  const lee: Presence = { user: id("lee"), web: "online" };
  live.hearPresence([lee]);
  live.hearTyping({ room, people: [person("lee")] });
  expect(live.present(id("lee")).value).toEqual(lee);
  live.down();
  expect(names()).toEqual([]);
  expect(live.present(id("lee")).value).toBeUndefined();
});
