import { beforeEach, describe, expect, test } from "vitest";
import type { MessageID, Seq, UserID } from "../gen/protocol.ts";
import { settle } from "./statetest/clock.ts";
import { app, begin, bubbles, lines, look, r1, r2, reload, theirs, world } from "./statetest/page.ts";

beforeEach(begin);

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
    expect(lines()).toEqual([" sent", "missed 1 sent", "missed 2 sent"]);
    expect(bubbles()[0]?.message.cancelled).toBe(true);
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
