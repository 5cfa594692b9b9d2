// The page as a test sits before it: one person, two rooms in which one message each has been said, and a line.
// Whoever imports it calls begin before each test.
import type { Message, MessageID, RoomID, RoomPush, UserID } from "../../gen/protocol.ts";
import { createApp } from "../app.ts";
import type { App, Bubble } from "../face.ts";
import { settle } from "./clock.ts";
import { World } from "./world.ts";

export const r1 = "r1" as RoomID;
export const r2 = "r2" as RoomID;
export const lee = "lee" as UserID;
export let world: World;
export let app: App;
let ids = 0;

// theirs is what somebody else says; the event reaches the page if the test pushes it.
export const theirs = (room = r1, body = "hi", by = lee, more: Partial<Message> = {}): RoomPush => {
  const house = world.house(room);
  return house.newEvent({ ...house.send({ id: `t${++ids}` as MessageID, body }, by, "talk", more), ...more });
};

// load is a page whose line does not stand yet.
export async function load(): Promise<void> {
  app = createApp(world.parts());
  await app.start();
}

export async function start(): Promise<void> {
  await load();
  await world.hello();
}

// reload is a new page on what storage holds.
export async function reload(): Promise<void> {
  world.goAway();
  await start();
}

export const bubbles = (room = r1): readonly Bubble[] => app.model(room).bubbles.value;
export const lines = (room = r1): string[] => bubbles(room).map((b) => `${b.message.body} ${b.state}`);

export async function look(room: RoomID | null): Promise<void> {
  app.open(room);
  await settle();
}

// empty is a world in which nobody has a room.
export function empty(): void {
  ids = 0;
  world = new World();
}

export async function begin(): Promise<void> {
  await import("../alerts.ts"); // the page fetches it when it needs it first
  empty();
  world.house(r1);
  world.house(r2, ["lee", "park"]);
  theirs(r1, "one");
  theirs(r2, "two");
  await start();
}
