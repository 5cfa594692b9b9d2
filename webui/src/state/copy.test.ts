import { beforeEach, expect, test } from "vitest";
import type { MessageID, RoomID, RoomPush, UserID } from "../gen/protocol.ts";
import { createApp } from "./app.ts";
import type { App } from "./face.ts";
import { settle } from "./statetest/clock.ts";
import { World } from "./statetest/world.ts";

const r1 = "r1" as RoomID;
const r2 = "r2" as RoomID;
const lee = "lee" as UserID;
let world: World;
let app: App;
let ids = 0;

const theirs = (room = r1, body = "hi"): RoomPush => {
  const house = world.house(room);
  return house.newEvent(house.send({ id: `t${++ids}` as MessageID, body }, lee));
};
const lines = (room = r1): string[] => app.model(room).bubbles.value.map((b) => `${b.message.body} ${b.state}`);
const texts = (): string => JSON.stringify([...world.copied.values()]);

async function open(): Promise<void> {
  app = createApp(world.parts());
  await app.start();
  await chunks();
}

// chunks lets parts of the program that are loaded later arrive.
async function chunks(): Promise<void> {
  await import("./copying.ts");
  await settle();
}

beforeEach(async () => {
  world = new World();
  theirs(r1, "one");
  theirs(r2, "two");
  await open();
  await world.hello();
  for (const r of [r1, r2]) {
    app.open(r);
    await settle();
  }
  app.open(r1);
  await world.clock.pass(3000);
});

test("without a line the page opens with what it showed last, and what is written waits for the person", async () => {
  world.goAway();
  world.down = true;
  await open();
  world.cut();
  expect(app.phase.value).toBe("ready");
  expect(app.rooms.value.map((r) => r.room.id).sort()).toEqual([r1, r2]);
  expect(lines()).toEqual(["one sent"]);
  expect(lines(r2)).toEqual(["two sent"]);
  app.send(r1, "typed without a line");
  await settle();
  expect(lines()).toEqual(["one sent", "typed without a line failed"]);
});

test("what happened meanwhile is there as soon as the line is, numbers too", async () => {
  world.goAway();
  world.focused.value = false;
  for (let i = 0; i < 7; i++) theirs(r1, `new ${i}`);
  world.house(r2).cancel(world.house(r2).rows[0]?.id as MessageID);
  world.down = true;
  await open();
  expect(lines()).toEqual(["one sent"]);
  await world.hello();
  await world.clock.pass(1000);
  expect(lines()).toEqual(["one", ..."0123456".split("").map((n) => `new ${n}`)].map((t) => `${t} sent`));
  expect(app.total.value).toBe(world.house(r1).unread() + world.house(r2).unread());
  expect(lines(r2).join()).not.toContain("two");
});

test("the text of a message that was taken back does not stay", async () => {
  expect(texts()).toContain("two");
  await world.push(world.house(r2).cancel(world.house(r2).rows[0]?.id as MessageID));
  await world.clock.pass(50);
  expect(texts()).not.toContain("two");
});

test("signing out, another person and a refused sign-in leave nothing of it", async () => {
  expect(world.copied.size).toBeGreaterThan(0);
  await app.signOut();
  await world.clock.pass(5000);
  expect(world.copied.size).toBe(0);

  world = new World();
  theirs(r1, "one");
  await open();
  await world.hello();
  await world.clock.pass(3000);
  world.goAway();
  world.signedIn = false;
  await open();
  expect(app.phase.value).toBe("signin");
  await world.clock.pass(5000);
  expect(world.copied.size).toBe(0);

  world.copied.set("head", { v: 1, user: { id: "other", name: "Other" }, rooms: [] });
  world.copied.set("room/x", { v: 1, user: "other", room: { id: "x" }, messages: [] });
  world.signedIn = true;
  await open();
  await world.hello();
  await world.clock.pass(3000);
  expect(texts()).not.toContain("other");
  expect(app.me.value?.id).toBe("kim");
});

test("a copy that cannot be read is none", async () => {
  for (const broken of [null, 3, "x", { v: 0 }, { v: 1 }, { v: 1, user: {}, rooms: 1 }]) {
    world.copied.clear();
    world.copied.set("head", broken);
    world.copied.set("room/r1", broken);
    await open();
    await world.hello();
    expect(app.phase.value).toBe("ready");
    expect(lines()).toEqual(["one sent"]);
  }
});

test("it stays small", async () => {
  for (let i = 0; i < 90; i++) theirs(`m${i}` as RoomID, "x");
  const house = world.house(r1);
  for (let i = 0; i < 300; i++) house.send({ id: `l${i}` as MessageID, body: `line ${i}` }, lee);
  await world.hello();
  await world.clock.pass(4000);
  const head = world.copied.get("head") as { rooms: unknown[] };
  expect(head.rooms.length).toBeLessThanOrEqual(60);
  const room = world.copied.get("room/r1") as { messages: { body: string }[]; more: boolean };
  expect(room.messages.length).toBe(60);
  expect(room.messages.at(-1)?.body).toBe("line 299");
  expect(room.more).toBe(true);
});
