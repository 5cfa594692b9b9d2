import { beforeEach, describe, expect, test } from "vitest";
import type { MessageID, RoomID, RoomPush, Seq, UserID } from "../gen/protocol.ts";
import { createApp } from "./app.ts";
import type { App, Bubble } from "./face.ts";
import { settle } from "./statetest/clock.ts";
import { World } from "./statetest/world.ts";

const r1 = "r1" as RoomID;
const r2 = "r2" as RoomID;
const lee = "lee" as UserID;
let world: World;
let app: App;
let ids = 0;

const theirs = (room = r1, body = "hi", by = lee): RoomPush => {
  const house = world.house(room);
  return house.newEvent(house.send({ id: `t${++ids}` as MessageID, body }, by));
};

async function start(): Promise<void> {
  app = createApp(world.parts());
  await app.start();
  await world.hello();
}

// reload is a new page on what storage holds.
async function reload(): Promise<void> {
  world.goAway();
  await start();
}

const bubbles = (room = r1): readonly Bubble[] => app.model(room).bubbles.value;
const lines = (room = r1): string[] => bubbles(room).map((b) => `${b.message.body} ${b.state}`);

async function look(room: RoomID | null): Promise<void> {
  app.open(room);
  await settle();
}

beforeEach(async () => {
  await import("./alerts.ts"); // the page fetches it when it needs it first
  world = new World();
  world.house(r1);
  world.house(r2, ["lee", "park"]);
  theirs(r1, "one");
  theirs(r2, "two");
  await start();
});

describe("signing in", () => {
  test("without a session the page asks for one, and shows the rooms after it", async () => {
    world = new World();
    world.signedIn = false;
    app = createApp(world.parts());
    await app.start();
    expect(app.phase.value).toBe("signin");
    expect(await app.signIn("kim", "secret")).toBeNull();
    expect(app.phase.value).toBe("ready");
    expect(app.me.value?.id).toBe("kim");
  });

  test("signing out leaves nothing of the person behind, in no tab", async () => {
    await look(r1);
    await app.signOut();
    expect(app.phase.value).toBe("signin");
    expect(app.rooms.value).toEqual([]);
    expect(bubbles()).toEqual([]);
    expect(world.said.at(-1)).toEqual({ kind: "signed", in: false });
  });
});

describe("the list", () => {
  test("is newest first, and a message moves its room up", async () => {
    world.clock.pass(1000);
    await world.push(theirs(r1, "a"), theirs(r1, "b"), theirs(r1, "c"));
    expect(app.rooms.value.map((r) => r.room.id)).toEqual([r1, r2]);
    await world.push(...[1, 2, 3, 4, 5].map((n) => theirs(r2, `x${n}`)));
    expect(app.rooms.value.map((r) => r.room.id)).toEqual([r2, r1]);
    expect(app.rooms.value.map((r) => r.room.unread)).toEqual([6, 4]);
    expect(app.total.value).toBe(10);
  });

  test("a room nobody told us of appears with its first message", async () => {
    world.house("r3" as RoomID, ["lee"]);
    await world.push(theirs("r3" as RoomID, "new"));
    await world.clock.pass(1000);
    expect(app.rooms.value.map((r) => r.room.id)).toContain("r3");
    expect(app.total.value).toBe(3);
  });

  test("comes in pages", async () => {
    world = new World();
    for (let i = 0; i < 120; i++) {
      world.house(`p${i}` as RoomID);
      theirs(`p${i}` as RoomID);
    }
    await start();
    expect(app.rooms.value.length).toBe(50);
    expect(app.moreRooms.value).toBe(true);
    await app.moreRoomsPlease();
    await app.moreRoomsPlease();
    expect(app.rooms.value.length).toBe(120);
    expect(app.moreRooms.value).toBe(false);
  });

  test("a room I was put out of goes away", async () => {
    await look(r2);
    const member = { id: world.me, name: "Kim", read: 0 as Seq, from: 0 as Seq, left: true };
    await world.push({ ev: "room.members", room: r2, rev: 3 as never, data: { members: [member], count: 2 } });
    expect(app.rooms.value.map((r) => r.room.id)).toEqual([r1]);
  });
});

describe("sending", () => {
  test("a message is there at once, pending, and confirmed under the same key", async () => {
    await look(r1);
    app.send(r1, "hello");
    expect(lines()).toEqual(["one sent", "hello pending"]);
    const key = bubbles()[1]?.key;
    await settle();
    expect(lines()).toEqual(["one sent", "hello sent"]);
    expect(bubbles()[1]?.key).toBe(key);
    expect(world.kept.get("outbox")?.size).toBe(0);
  });

  test("its unread number falls as the others read", async () => {
    await look(r2);
    app.send(r2, "who reads?");
    await settle();
    const own = (): number | undefined => bubbles(r2).at(-1)?.message.unread;
    expect(own()).toBe(2);
    await world.push(world.house(r2).read(lee, 2));
    expect(own()).toBe(1);
    await world.push(world.house(r2).read("park" as UserID, 2));
    expect(own()).toBe(0);
  });

  test("without a line it fails, survives a reload, and is sent again under the same id", async () => {
    await look(r1);
    world.cut();
    app.send(r1, "in the tunnel");
    await settle();
    expect(lines()).toEqual(["one sent", "in the tunnel failed"]);
    expect(bubbles()[1]?.code).toBe("unavailable");
    expect(app.rooms.value.find((r) => r.room.id === r1)?.failed).toBe(1);
    await reload();
    expect(lines()).toEqual(["one sent", "in the tunnel failed"]);
    const id = bubbles()[1]?.key as MessageID;
    app.resend(r1, id);
    await settle();
    expect(lines()).toEqual(["one sent", "in the tunnel sent"]);
    expect((world.ops("message.send")[0] as { id: string }).id).toBe(id);
    expect(world.kept.get("outbox")?.size).toBe(0);
  });

  test("what arrived although nobody said so is found in history and not shown twice", async () => {
    await look(r1);
    world.mute = true;
    app.send(r1, "did it arrive?");
    await settle();
    expect(lines()).toEqual(["one sent", "did it arrive? failed"]);
    world.mute = false;
    world.room.value = null;
    await reload();
    await look(r1);
    expect(lines()).toEqual(["one sent", "did it arrive? sent"]);
    expect(world.kept.get("outbox")?.size).toBe(0);
  });

  test("a failed one can be thrown away", async () => {
    await look(r1);
    world.cut();
    app.send(r1, "never mind");
    await settle();
    app.discard(r1, bubbles()[1]?.key as MessageID);
    expect(lines()).toEqual(["one sent"]);
    await reload();
    expect(lines()).toEqual(["one sent"]);
  });
});

describe("after a cut", () => {
  test("what was missed is there, what was loaded stays, read cursors never go back", async () => {
    await look(r1);
    app.seen(r1, 1 as Seq);
    await world.clock.pass(200);
    world.cut();
    theirs(r1, "missed 1");
    theirs(r1, "missed 2");
    world.house(r1).cancel("t1" as MessageID);
    theirs(r2, "elsewhere");
    await world.hello(60_000);
    expect(lines()).toEqual(["one sent", "missed 1 sent", "missed 2 sent"]);
    expect(app.rooms.value.map((r) => [r.room.id, r.room.unread])).toEqual([
      [r1, 2],
      [r2, 2],
    ]);
  });

  test("a gap is asked for after a moment, and only what is missing", async () => {
    await look(r1);
    theirs(r1, "lost on the way");
    await world.push(theirs(r1, "heard"));
    world.got.length = 0;
    await world.clock.pass(400);
    expect(world.got).toEqual(["rooms/r1/changes?since=2&hides=0"]);
    expect(lines()).toEqual(["one sent", "lost on the way sent", "heard sent"]);
    expect(app.rooms.value.find((r) => r.room.id === r1)?.room.unread).toBe(3);
  });

  test("of a room that nobody looks at a long gap is not gone through: it is read when it is opened", async () => {
    await look(r2);
    await look(r1);
    world.cut();
    for (let i = 0; i < 150; i++) theirs(r2, `m${i}`);
    theirs(r1, "missed");
    await world.hello(60_000);
    await settle();
    expect(world.got.filter((p) => p.startsWith("rooms/r2/changes"))).toHaveLength(1);
    expect(app.rooms.value.find((r) => r.room.id === r2)?.room.unread).toBe(151);
    expect(lines().at(-1)).toBe("missed sent");
    await look(r2);
    expect(bubbles(r2).length).toBeGreaterThanOrEqual(50);
    expect(lines(r2).at(-1)).toBe("m149 sent");
  });

  test("a very long gap reads the room anew", async () => {
    await look(r1);
    world.cut();
    for (let i = 0; i < 700; i++) theirs(r1, `m${i}`);
    await world.hello(600_000);
    await settle();
    await settle();
    expect(bubbles().length).toBeGreaterThanOrEqual(50);
    expect(bubbles().at(-1)?.message.body).toBe("m699");
    const seqs = bubbles().map((b) => b.message.seq as number);
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] as number) + i));
  });
});

describe("what waits for the line", () => {
  const rows = (): boolean[] => app.rooms.value.map((r) => r.room.pinned !== undefined);

  test("goes first, in order, and what is done meanwhile stands behind it", async () => {
    world.cut();
    expect(await app.setMine(r1, { notify: "none" })).toBeNull();
    expect(await app.setMine(r1, { pinned: true })).toBeNull();
    expect(rows()).toContain(true);
    world.down = false; // the line is back; nobody has said hello yet
    expect(await app.setMine(r1, { pinned: false })).toBeNull();
    expect(world.ops("room.mine")).toEqual([
      { room: r1, notify: "none" },
      { room: r1, pinned: true },
      { room: r1, pinned: false },
    ]);
    await world.hello(1000);
    expect(world.ops("room.mine")).toHaveLength(3);
  });

  test("survives a server that cannot take it now, and a reload", async () => {
    world.cut();
    await app.invite(r1, ["park" as UserID]);
    world.busy = true;
    await world.hello(1000);
    await app.leave(r2);
    await reload();
    world.busy = false;
    world.asked.length = 0;
    await world.hello(1000);
    const sent = (): string[] => world.asked.map((a) => a.op).filter((op) => op.startsWith("room."));
    expect(sent()).toEqual(["room.invite", "room.leave"]);
    await reload();
    expect(sent()).toHaveLength(2);
  });

  test("is tried again by itself where only the server had no time", async () => {
    world.cut();
    await app.invite(r1, ["park" as UserID]);
    world.busy = true;
    await world.hello(1000);
    world.busy = false;
    await world.clock.pass(6000);
    expect(world.ops("room.invite")).toHaveLength(2);
    await world.hello(1000);
    expect(world.ops("room.invite")).toHaveLength(2);
  });

  test("is sent by one tab alone", async () => {
    world.cut();
    await app.setMine(r1, { pinned: true });
    const [[key] = [""]] = [...(world.kept.get("outbox") ?? [])];
    world.elsewhere("outbox", key, undefined);
    await world.hello(1000);
    expect(world.ops("room.mine")).toEqual([]);
  });
});

describe("reading", () => {
  test("history grows upwards to its beginning", async () => {
    world = new World();
    world.house(r1);
    for (let i = 1; i <= 230; i++) theirs(r1, `m${i}`);
    await start();
    await look(r1);
    while (app.model(r1).more.value) await app.model(r1).loadOlder();
    expect(bubbles().map((b) => b.message.seq as number)).toEqual(Array.from({ length: 230 }, (_, i) => i + 1));
  });

  test("the marker stands where reading stopped, and stays while I read on", async () => {
    await world.push(theirs(r1, "b"), theirs(r1, "c"));
    await look(r1);
    expect(app.model(r1).marker.value).toBe(1);
    app.seen(r1, 3 as Seq);
    expect(app.model(r1).marker.value).toBe(1);
    expect(app.total.value).toBe(1);
    await look(null);
    await look(r1);
    expect(app.model(r1).marker.value).toBeNull();
  });

  test("many looks become one command, only forward", async () => {
    await world.push(theirs(r1, "b"), theirs(r1, "c"));
    await look(r1);
    for (const seq of [1, 3, 2]) app.seen(r1, seq as Seq);
    await world.clock.pass(300);
    app.seen(r1, 2 as Seq);
    await world.clock.pass(300);
    expect(world.ops("message.read")).toEqual([{ room: r1, seq: 3 }]);
  });

  test("without a line it is told when the line is back, also by the next page", async () => {
    await look(r1);
    world.cut();
    app.seen(r1, 1 as Seq);
    await world.clock.pass(300);
    expect(app.total.value).toBe(1);
    await reload();
    expect(world.ops("message.read")).toEqual([{ room: r1, seq: 1 }]);
  });
});

describe("drafts", () => {
  test("survive a quick reload, and go when sent", async () => {
    await look(r1);
    app.model(r1).setDraft("half a sen");
    await reload();
    expect(app.model(r1).draft.value).toBe("half a sen");
    expect(app.rooms.value.find((r) => r.room.id === r1)?.draft).toBe("half a sen");
    app.send(r1, "half a sentence");
    await reload();
    expect(app.model(r1).draft.value).toBe("");
  });
});

describe("attention", () => {
  test("is told at the edges of the idle time, and at once when somebody is back", async () => {
    await look(r1);
    expect(world.attention).toMatchObject({ room: r1, focused: true, idle: 0 });
    const told: number[] = [];
    for (let i = 0; i < 4; i++) {
      await world.clock.pass(60_100);
      told.push(world.attention.idle);
    }
    expect(told).toEqual([60, 120, 180, 180]);
    world.touch();
    expect(world.attention.idle).toBe(0);
    world.focused.value = false;
    expect(world.attention.focused).toBe(false);
  });
});

describe("alerts", () => {
  test("nobody looking: one popup per room, withdrawn when read elsewhere", async () => {
    world.focused.value = false;
    await world.push(theirs(r1, "psst"));
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["psst"]);
    await world.push(theirs(r1, "hello?"));
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["hello?"]);
    await world.push(world.house(r1).read(world.me, 3));
    expect(world.popups.size).toBe(0);
  });

  test("a popup is reworded with its message, and goes when it is taken back though others are left to read", async () => {
    world.focused.value = false;
    await world.push(theirs(r1, "at three"));
    await world.push(theirs(r1, "at tree"));
    const { popupCount } = world;
    const last = world.house(r1).rows.at(-1)?.id as MessageID;
    await world.push(world.house(r1).edit(last, "at four"));
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["at four"]);
    expect(world.popupCount).toBe(popupCount);
    await world.push(world.house(r1).cancel(last));
    expect(world.popups.size).toBe(0);
  });

  test("looking at the room: nothing; at another: a banner in the page", async () => {
    await look(r1);
    await world.push(theirs(r1, "seen"));
    expect(app.banner.value).toBeNull();
    await world.push(theirs(r2, "over here"));
    expect(app.banner.value).toMatchObject({ room: r2, body: "lee: over here" });
    expect(world.popupCount).toBe(0);
    await look(r2);
    expect(app.banner.value).toBeNull();
  });

  test("a long gap is no news, a short one is, and no message speaks twice", async () => {
    world.focused.value = false;
    world.cut();
    theirs(r1, "long ago");
    await world.hello(60_000);
    expect(world.popupCount).toBe(0);
    world.cut();
    theirs(r1, "just now");
    await world.hello(900);
    expect(world.popupCount).toBe(1);
    await world.hello(900);
    expect(world.popupCount).toBe(1);
    world.word({ kind: "alerted", room: r2, seq: 2 as Seq });
    await world.push(theirs(r2, "another tab said so"));
    expect(world.popupCount).toBe(1);
  });

  test("what came just before the tab with the socket was closed is told by the next one, once", async () => {
    world.focused.value = false;
    world.leading = false;
    await world.push(theirs(r1, "long before"));
    await world.clock.pass(60_000);
    await world.push(theirs(r1, "in between"));
    await world.push(theirs(r2, "told by the other"));
    world.word({ kind: "alerted", room: r2, seq: 2 as Seq });
    expect(world.popupCount).toBe(0);
    world.leading = true;
    await world.hello(300);
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["in between"]);
    await world.hello(300);
    expect(world.popupCount).toBe(1);
  });

  test("the person's settings decide what is shown, and when", async () => {
    world.focused.value = false;
    const mine = { notifyOff: false, hideBody: true, hideSender: true, quietHours: [] };
    await world.push({ ev: "me.settings", data: mine });
    await world.push(theirs(r2, "secret"));
    expect([...world.popups.values()].at(-1)).toMatchObject({ title: "Sendjay", body: "New message" });
    await world.push({ ev: "me.settings", data: { ...mine, notifyOff: true } });
    expect(world.popups.size).toBe(0);
    await world.push(theirs(r1, "unheard"));
    expect(world.popups.size).toBe(0);
    await world.push({ ev: "me.settings", data: { ...mine, notifyOff: false } });
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["New messages in 1 rooms: 2"]);
  });

  test("five lines in 20 s make one sound", async () => {
    world.focused.value = false;
    for (let i = 0; i < 5; i++) {
      await world.push(theirs(r1, `line ${i}`));
      world.clock.pass(3000);
    }
    expect(world.popupCount).toBe(5);
    expect(world.sounds).toBe(1);
  });

  test("each device says why, and this one keeps no word of the message", async () => {
    world.focused.value = false;
    await world.push(theirs(r1, "a secret"));
    const answers = app.why(r1, 2 as Seq);
    await settle();
    expect(answers.value).toMatchObject([
      { device: "web", self: true, decided: [{ then: "speak" }, { then: "speak" }] },
    ]);
    expect(world.ops("alert.why")).toEqual([{ room: r1, seq: 2 }]);
    const decided = [{ at: "2026-01-31T09:15:00.123Z" as never, then: "badge", why: "locked" }];
    await world.push({
      ev: "alert.because",
      data: { device: "desktop", to: "s" as never, room: r1, seq: 2 as Seq, decided },
    });
    await world.push({
      ev: "alert.because",
      data: { device: "mobile", to: "s" as never, room: r1, seq: 9 as Seq, decided },
    });
    expect(answers.value.map((a) => a.device)).toEqual(["web", "desktop"]);
    expect(JSON.stringify([...world.judged])).not.toContain("secret");
    await world.push({ ev: "alert.why", data: { session: "d1" as never, room: r1, seq: 2 as Seq } });
    expect(world.ops("alert.because")).toMatchObject([{ to: "d1", room: r1, seq: 2, decided: [{}, {}] }]);
  });

  test("a window of the tray leaves it to the tray", async () => {
    await world.hello(60_000, { native: ["notify", "keep"] });
    world.focused.value = false;
    await world.push(theirs(r1, "psst"));
    expect(world.popupCount).toBe(0);
  });
});

test("a newer page is loaded when nobody looks", async () => {
  await world.hello(1000, { server: { version: "2", node: "n", cancelWindow: 60, editWindow: 60, ui: "u2" } });
  expect(world.reloaded).toBe(0);
  world.focused.value = false;
  expect(world.reloaded).toBe(1);
});
