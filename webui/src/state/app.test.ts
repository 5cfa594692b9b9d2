import { beforeEach, describe, expect, test } from "vitest";
import type { MessageID, RoomID, Seq, UserID } from "../gen/protocol.ts";
import { settle } from "./statetest/clock.ts";
import {
  app,
  begin,
  bubbles,
  empty,
  lee,
  lines,
  load,
  look,
  r1,
  r2,
  reload,
  start,
  theirs,
  world,
} from "./statetest/page.ts";

beforeEach(begin);

describe("signing in", () => {
  test("without a session the page asks for one, and shows the rooms after it", async () => {
    empty();
    world.signedIn = false;
    await load();
    expect(app.phase.value).toBe("signin");
    expect(await app.signIn("kim", "secret")).toBeNull();
    expect(app.phase.value).toBe("ready");
    expect(app.me.value?.id).toBe("kim");
  });

  test("the ticket of the computer signs in too, and what became of it is known at the next sign-in", async () => {
    empty();
    world.signedIn = false;
    await load();
    expect((await app.signInByTicket())?.code).toBe("unauthenticated");
    expect(app.phase.value).toBe("signin");
    expect(app.settings.value.ticket).toBeUndefined();
    world.ticket = true;
    expect(await app.signInByTicket()).toBeNull();
    expect(app.phase.value).toBe("ready");
    expect(app.settings.value.ticket).toBe("in");
    expect(world.said.at(-1)).toEqual({ kind: "signed", in: true });
    await app.signOut();
    expect(app.settings.value.ticket).toBe("out");
  });

  test("a sign-in that was ended elsewhere is not followed by the ticket, also after a reload", async () => {
    world.ticket = true;
    await app.signInByTicket();
    world.signedIn = false; // another device ended it
    await world.push({ ev: "link", data: { state: "signed_out" } as never });
    expect(app.phase.value).toBe("signin");
    expect(app.settings.value.ticket).toBe("out");
    await load();
    expect(app.phase.value).toBe("signin");
    expect(app.settings.value.ticket).toBe("out");
  });

  test("another tab that says so ends it too", async () => {
    world.ticket = true;
    await app.signInByTicket();
    world.word({ kind: "signed", in: false });
    expect(app.phase.value).toBe("signin");
    expect(app.settings.value.ticket).toBe("out");
  });

  test("a sign-in that ran out while nobody was here leaves the ticket its say, also where the copy is shown first", async () => {
    world.ticket = true;
    await app.signInByTicket();
    await import("./copying.ts"); // the page fetches it after it is painted
    await settle();
    await world.clock.pass(3000);
    world.goAway();
    expect(world.copied.size).toBeGreaterThan(0);
    world.signedIn = false;
    await load();
    expect(app.phase.value).toBe("signin");
    expect(app.settings.value.ticket).toBe("in");
    expect(world.copied.size).toBe(0);
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
    empty();
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

  test("what is sent again dials at once, what is sent does not", async () => {
    await look(r1);
    world.cut();
    world.redial = () => {
      world.down = false;
    };
    app.send(r1, "in the tunnel");
    await settle();
    expect(lines()).toEqual(["one sent", "in the tunnel failed"]);
    app.resend(r1, bubbles()[1]?.key as MessageID);
    await settle();
    expect(lines()).toEqual(["one sent", "in the tunnel sent"]);
  });

  test("one that may not be urgent goes out as any other when it is sent again", async () => {
    await look(r1);
    world.busy = true;
    app.send(r1, "fire", { urgent: true });
    await settle();
    world.busy = false;
    expect(bubbles()[1]).toMatchObject({ code: "rate_limited", message: { urgent: true } });
    app.resend(r1, bubbles()[1]?.key as MessageID);
    await settle();
    expect(world.ops("message.send").map((m) => (m as { urgent?: boolean }).urgent)).toEqual([true, undefined]);
    expect(bubbles()[1]?.message.urgent).toBeUndefined();
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

describe("reading", () => {
  test("history grows upwards to its beginning", async () => {
    empty();
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

  test("are stored while somebody types on, for a page may be gone at once", async () => {
    await look(r1);
    for (let n = 1; n <= 60; n++) {
      app.model(r1).setDraft("a".repeat(n));
      await world.clock.pass(100);
    }
    const stored = String(world.kept.get("drafts")?.get(r1) ?? "");
    expect(stored.length).toBeGreaterThanOrEqual(40);
    await world.clock.pass(1000);
    expect(world.kept.get("drafts")?.get(r1)).toBe("a".repeat(60));
  });
});

test("a newer page is loaded when nobody looks", async () => {
  await world.hello(1000, { server: { version: "2", node: "n", cancelWindow: 60, editWindow: 60, ui: "u2" } });
  expect(world.reloaded).toBe(0);
  world.focused.value = false;
  expect(world.reloaded).toBe(1);
});
