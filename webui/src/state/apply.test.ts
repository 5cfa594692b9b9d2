import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Emoji, MessageHidden, MessageID, RoomMine, RoomPush, UserID } from "../gen/protocol.ts";
import { apply, sent } from "./apply.ts";
import { watch, withChanges, withPage, withRoom } from "./merge.ts";
import { mineOf, wideOf, withMine } from "./naming.ts";
import { fromRoom, type RoomState } from "./room.ts";
import { House } from "./statetest/house.ts";
import { readersOf, unreadOf } from "./unread.ts";
import { hearHidden } from "./wording.ts";

const me = "kim" as UserID;
const people = ["lee", "park", "choi"] as UserID[];

type Act =
  | { do: "send"; by: number; to: number }
  | { do: "edit"; which: number; body: string }
  | { do: "react"; which: number; by: number; emoji: string; on: boolean }
  | { do: "hide" | "pin"; which: number }
  | { do: "read"; by: number; to: number }
  | { do: "cancel"; which: number }
  | { do: "come" | "go"; who: number }
  | { do: "rename"; name: string }
  | { do: "hand over"; to: number }
  | { do: "set up"; mine: Partial<RoomMine> };

const acts = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant("send" as const), by: fc.nat(3), to: fc.nat(40) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("edit" as const),
        which: fc.nat(20),
        body: fc.constantFrom("a", "b", "c"),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("react" as const),
        which: fc.nat(20),
        by: fc.nat(3),
        emoji: fc.constantFrom("👍", "❤️"),
        on: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("hide" as const, "pin" as const), which: fc.nat(25) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("read" as const), by: fc.nat(3), to: fc.nat(30) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("cancel" as const), which: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("come" as const, "go" as const), who: fc.nat(2) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("rename" as const), name: fc.constantFrom("", "Sales", "영업팀") }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("hand over" as const), to: fc.nat(3) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("set up" as const),
        mine: fc.record(
          {
            name: fc.constantFrom("", "mine"),
            notify: fc.constantFrom("all" as const, "mentions" as const, "none" as const),
            pinned: fc.nat(3),
            panelHidden: fc.boolean(),
          },
          { requiredKeys: [] },
        ),
      }),
    },
  ),
  { maxLength: 40 },
);

let ids = 0;
const id = (): MessageID => `m${++ids}` as MessageID;
const who = (by: number): UserID => [me, ...people][by] as UserID;

type Said =
  | RoomPush
  | { readonly ev: "room.mine"; readonly data: RoomMine }
  | { readonly ev: "message.hidden"; readonly data: MessageHidden };

function hear(s: RoomState, e: Said): RoomState {
  if (e.ev === "room.mine") return withMine(s, e.data, me);
  return e.ev === "message.hidden" ? hearHidden(s, e.data, me) : apply(s, e, me);
}

function act(house: House, a: Act): Said[] {
  switch (a.do) {
    case "send": {
      const by = who(a.by);
      if (house.members.get(by)?.left) return [];
      const reply = house.rows[a.to]?.id;
      return [house.newEvent(house.send({ id: id(), body: "hi", ...(reply ? { reply } : {}) }, by))];
    }
    case "read":
      return [house.read(who(a.by), a.to)].filter((e) => e !== null);
    case "cancel": {
      const row = house.rows[a.which % Math.max(1, house.rows.length)];
      return row ? [house.cancel(row.id)].filter((e) => e !== null) : [];
    }
    case "edit": {
      const row = house.rows[a.which];
      return row ? [house.edit(row.id, a.body)].filter((e) => e !== null) : [];
    }
    case "react": {
      const row = house.rows[a.which];
      return row ? [house.react(row.id, who(a.by), a.emoji as Emoji, a.on)].filter((e) => e !== null) : [];
    }
    case "hide":
      return a.which === 25 ? house.hide(null) : house.hide(house.rows[a.which]?.id ?? null);
    case "pin":
      return [house.pin(house.rows[a.which]?.id ?? null)].filter((e) => e !== null);
    case "come":
      return house.come(people[a.who] as UserID, id());
    case "go":
      return house.go(people[a.who] as UserID, id());
    case "rename":
      return [house.rename(a.name)].filter((e) => e !== null);
    case "hand over":
      return [house.handOver(who(a.to))].filter((e) => e !== null);
    case "set up":
      return [house.setUp(a.mine)];
  }
}

function snapshot(house: House): RoomState {
  return withPage(watch(fromRoom(house.room())), house.page(), false, me);
}

// What a person can see of a room.
function visible(s: RoomState): unknown {
  const readers = readersOf(s.room.members);
  return {
    rev: s.rev,
    ahead: s.ahead,
    seq: s.room.seq,
    read: s.room.read,
    unread: s.room.unread,
    count: s.room.memberCount,
    // Who is left alone is told the title by the server, which remembers who was there.
    title: s.room.memberCount > 1 || s.room.named ? s.room.title : "",
    wide: wideOf(s.room),
    mine: mineOf(s.room),
    named: s.room.named === true,
    muted: s.room.muted === true,
    members: [...s.room.members].map((m) => ({ ...m })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    last: s.room.lastMessage?.id,
    from: s.room.from,
    hides: s.room.hides,
    notice: s.room.notice ?? null,
    messages: s.messages.map((m) => ({
      id: m.id,
      seq: m.seq,
      body: m.body,
      cancelled: m.cancelled === true,
      edited: m.edited,
      quote: m.quote && { id: m.quote.id, body: m.quote.body, cancelled: m.quote.cancelled === true },
      reactions: m.reactions ?? [],
      unread: m.type === "talk" ? unreadOf(m, readers) : 0,
    })),
  };
}

interface Seen {
  readonly from: number;
  readonly hides: number;
  readonly notice: unknown;
  readonly messages: readonly { readonly cancelled: boolean }[];
}

function refetch(s: RoomState, house: House, limit = 1000): RoomState {
  let now = s;
  for (let since = s.rev; ; ) {
    const page = house.changes(since, limit, now.room.hides);
    now = withChanges(now, page, me);
    if (!page.more) break;
    since = page.rev;
  }
  return now.unsure ? withRoom(now, house.room(), me) : now;
}

describe("state equals log", () => {
  test("an old snapshot plus the events is the new snapshot", () => {
    fc.assert(
      fc.property(acts, acts, (before, after) => {
        const house = new House(me, people.slice(0, 2));
        for (const a of before) act(house, a);
        let s = snapshot(house);
        for (const a of after) for (const e of act(house, a)) s = hear(s, e);
        expect(visible(s)).toEqual(visible(snapshot(house)));
      }),
      { numRuns: 300 },
    );
  });

  test("repeated and late events change nothing", () => {
    fc.assert(
      fc.property(acts, fc.array(fc.nat(1000), { minLength: 1, maxLength: 10 }), (after, again) => {
        const house = new House(me, people.slice(0, 2));
        let s = snapshot(house);
        const said: Said[] = [];
        for (const a of after) {
          for (const e of act(house, a)) {
            said.push(e);
            s = hear(s, e);
            s = hear(s, said[(again[said.length % again.length] ?? 0) % said.length] as Said);
          }
        }
        expect(visible(s)).toEqual(visible(snapshot(house)));
      }),
      { numRuns: 300 },
    );
  });

  test("what was dropped is made good by the changes", () => {
    fc.assert(
      fc.property(
        acts,
        acts,
        fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 5 }),
        (before, after, lost, limit) => {
          const house = new House(me, people.slice(0, 2));
          for (const a of before) act(house, a);
          let s = snapshot(house);
          let i = 0;
          for (const a of after) for (const e of act(house, a)) if (!lost[i++ % lost.length]) s = hear(s, e);
          s = refetch(s, house, limit);
          const want = snapshot(house) as RoomState;
          expect(s.rev).toBe(want.rev);
          expect(s.ahead).toEqual([]);
          expect(s.room.read).toBe(want.room.read);
          expect([s.room.memberCount > 1 && s.room.title, wideOf(s.room), mineOf(s.room)]).toEqual([
            want.room.memberCount > 1 && want.room.title,
            wideOf(want.room),
            mineOf(want.room),
          ]);
          expect(s.room.unread).toBe(want.room.unread);
          const { messages, from, hides, notice } = visible(want) as Seen;
          expect(visible(s)).toMatchObject({ from, hides, notice });
          expect((visible(s) as Seen).messages.filter((m) => !m.cancelled)).toEqual(
            messages.filter((m) => !m.cancelled),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  test("a reply that overtakes an event leaves no gap behind", () => {
    const house = new House(me, people);
    let s = snapshot(house);
    const theirs = house.send({ id: id(), body: "first" }, "lee" as UserID);
    const ask = { id: id(), room: house.id, type: "talk" as const, body: "second" };
    const mine = house.send(ask, me);
    s = sent(s, ask, house.sentReply(mine), "Kim", me);
    expect(s.rev).toBe(1);
    s = apply(s, house.newEvent(theirs), me);
    expect(visible(s)).toEqual(visible(snapshot(house)));
  });

  test("my message is there once, whether the answer or the event comes first", () => {
    const house = new House(me, people);
    const ask = { id: id(), room: house.id, type: "talk" as const, body: "once" };
    const start = snapshot(house);
    const m = house.send(ask, me);
    const reply = house.sentReply(m);
    for (const s of [
      sent(apply(start, house.newEvent(m), me), ask, reply, "Kim", me),
      apply(sent(start, ask, reply, "Kim", me), house.newEvent(m), me),
      sent(sent(start, ask, reply, "Kim", me), ask, reply, "Kim", me),
    ]) {
      expect(s.messages.map((x) => x.id)).toEqual([ask.id]);
      expect(s.room.unread).toBe(0);
      expect(s.rev).toBe(2);
    }
  });

  test("a pair that was left comes back whole with the next message", () => {
    const house = new House(me, ["lee" as UserID]);
    let s = snapshot(house);
    const lee = house.members.get("lee" as UserID);
    if (!lee) throw new Error("lee is there");
    const moved = (left: boolean, rev: number): RoomPush => {
      const member = { id: lee.id, name: lee.name, read: lee.read, from: lee.from, ...(left ? { left } : {}) };
      return {
        ev: "room.members",
        room: house.id,
        rev: rev as never,
        data: { members: [member], count: left ? 1 : 2, by: lee.id, ...(left ? { silent: true } : {}) },
      };
    };
    s = apply(s, moved(true, ++house.rev), me);
    expect(s.room.memberCount).toBe(1);
    const m = house.send({ id: id(), body: "still here?" }, me);
    s = apply(apply(s, moved(false, m.rev), me), house.newEvent(m), me);
    expect(visible(s)).toEqual(visible(snapshot(house)));
    expect(s.room.title).toBe("lee");
  });

  test("a page read before a message was taken back does not bring it back", () => {
    const house = new House(me, people);
    const m = house.send({ id: id(), body: "oops" }, "lee" as UserID);
    let s = watch(fromRoom(house.room()));
    const page = house.page();
    s = apply(s, house.cancel(m.id) as RoomPush, me);
    s = withPage(s, page, false, me);
    expect(s.messages).toEqual([]);
  });

  test("a room that is only shown to have gone on is asked for, and one that is there already is not", () => {
    const house = new House(me, people);
    const before = snapshot(house);
    const m = house.send({ id: id(), body: "from another node" }, "lee" as UserID);
    const shown: RoomPush = { ev: "receipts", room: house.id, rev: m.rev, since: m.rev, data: { cursors: [] } };
    const behind = apply(before, shown, me);
    expect(behind.ahead).toEqual([{ base: m.rev, rev: m.rev }]);
    expect(visible(withChanges(behind, house.changes(before.rev), me))).toEqual(visible(snapshot(house)));
    const there = snapshot(house);
    expect(apply(there, shown, me)).toEqual(there);
  });
});
