// Whatever people do, and however the line, the frames and the page behave meanwhile: in the end a page that was
// there all the time shows what a page shows that has just been opened.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Emoji, MessageHidden, MessageID, RoomID, RoomMine, RoomPush, UserID } from "../gen/protocol.ts";
import { createApp } from "./app.ts";
import type { App } from "./face.ts";
import { settle } from "./statetest/clock.ts";
import type { House } from "./statetest/house.ts";
import { World } from "./statetest/world.ts";

const people = ["kim", "lee", "park"] as UserID[];
const ids = ["r1", "r2", "r3"] as RoomID[];

type Said =
  | RoomPush
  | { readonly ev: "room.mine"; readonly data: RoomMine }
  | { readonly ev: "message.hidden"; readonly data: MessageHidden };

const small = fc.nat(2);
const which = fc.nat(25);
const of = <T extends string>(...names: T[]) => fc.constantFrom(...names);
// What becomes of the frames of an act.
const way = fc.oneof({ weight: 6, arbitrary: of("now") }, { weight: 2, arbitrary: of("late", "twice") });
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: of("send"), room: small, by: small, way }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: of("burst"), room: small, by: small, count: fc.integer({ min: 1, max: 130 }) }),
  },
  { weight: 5, arbitrary: fc.record({ do: of("read"), room: small, by: small, to: fc.nat(40), way }) },
  { weight: 3, arbitrary: fc.record({ do: of("cancel", "hide", "pin", "edit"), room: small, which, way }) },
  { weight: 2, arbitrary: fc.record({ do: of("react"), room: small, which, by: small, on: fc.boolean(), way }) },
  { weight: 2, arbitrary: fc.record({ do: of("come", "go"), room: small, who: of("park", "choi"), way }) },
  { weight: 1, arbitrary: fc.record({ do: of("rename"), room: small, name: of("", "영업팀"), way }) },
  { weight: 1, arbitrary: fc.record({ do: of("set up"), room: small, pinned: fc.nat(2), way }) },
  { weight: 1, arbitrary: fc.record({ do: of("create"), way }) },
  { weight: 3, arbitrary: fc.record({ do: of("look"), room: small }) },
  { weight: 2, arbitrary: fc.record({ do: of("say"), room: small }) },
  { weight: 2, arbitrary: fc.record({ do: of("seen", "older"), room: small }) },
  { weight: 3, arbitrary: fc.record({ do: of("cut", "back", "sleep", "reload", "deliver") }) },
  { weight: 1, arbitrary: fc.record({ do: of("lag"), ms: fc.constantFrom(0, 0, 40, 400) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

let count = 0;
const fresh = (): MessageID => `m${++count}` as MessageID;

function act(h: House, s: Step): (Said | null)[] {
  const row = "which" in s ? h.rows[s.which % Math.max(1, h.rows.length)] : undefined;
  switch (s.do) {
    case "send": {
      const by = people[s.by] as UserID;
      return h.members.get(by)?.left === false || h.active().some((m) => m.id === by)
        ? [h.newEvent(h.send({ id: fresh(), body: `said ${count}` }, by))]
        : [];
    }
    case "read":
      return [h.read(people[s.by] as UserID, s.to)];
    case "cancel":
      return row ? [h.cancel(row.id)] : [];
    case "hide":
      return h.hide(row?.id ?? null);
    case "pin":
      return [h.pin(row?.id ?? null)];
    case "edit":
      return row ? [h.edit(row.id, `edited ${++count}`)] : [];
    case "react":
      return row ? [h.react(row.id, people[s.by] as UserID, "👍" as Emoji, s.on)] : [];
    case "come":
      return h.come(s.who as UserID, fresh());
    case "go":
      return h.go(s.who as UserID, fresh());
    case "rename":
      return [h.rename(s.name)];
    case "set up":
      return [h.setUp({ pinned: s.pinned, notify: s.pinned ? "none" : "all" })];
    default:
      return [];
  }
}

async function play(steps: readonly Step[]): Promise<void> {
  const world = new World();
  for (const id of ids) world.house(id, ["lee", "park"]);
  let app = createApp(world.parts());
  let late: Said[] = [];
  let up = true;
  const open = async () => {
    app = createApp(world.parts());
    await app.start();
    await import("./copying.ts");
    await settle();
  };
  const cut = () => {
    world.cut();
    up = false;
    late = []; // what was under way is lost with the line
  };
  const back = async () => {
    up = true;
    await world.hello(1000);
  };
  const hear = async (said: readonly (Said | null)[], how: string) => {
    const all = said.filter((e) => e !== null);
    if (!up) return;
    if (how === "late") late.push(...all);
    else for (const e of how === "twice" ? [...all, ...all] : all) await world.push(e as RoomPush);
  };
  await app.start();
  await back();
  for (const s of steps) {
    const house = "room" in s ? world.house(ids[s.room] as RoomID) : undefined;
    const id = house?.id as RoomID;
    switch (s.do) {
      case "burst":
        for (let i = 0; i < s.count; i++) await hear(act(house as House, { ...s, do: "send", way: "now" }), "now");
        break;
      case "create": {
        const made = world.house(`new${++count}` as RoomID, ["lee"]);
        await hear([made.newEvent(made.send({ id: fresh(), body: "hello" }, "lee" as UserID))], s.way);
        break;
      }
      case "look":
        app.open(id);
        await settle();
        break;
      case "say":
        app.send(id, `mine ${++count}`);
        await settle();
        break;
      case "seen": {
        const last = app
          .model(id)
          .bubbles.peek()
          .findLast((b) => b.message.seq > 0);
        if (last) app.seen(id, last.message.seq);
        break;
      }
      case "older":
        void app.model(id).loadOlder();
        await settle();
        break;
      case "cut":
        if (up) cut();
        break;
      case "back":
        if (!up) await back();
        break;
      case "sleep":
        await world.clock.pass(7000);
        break;
      case "reload":
        world.goAway();
        cut();
        await open();
        await back();
        break;
      case "deliver": {
        const due = late;
        late = [];
        for (const e of due) await world.push(e as RoomPush);
        break;
      }
      case "lag":
        world.lag = s.ms;
        break;
      default:
        await hear(act(house as House, s), s.way);
    }
    await world.clock.pass(30);
  }
  // The line comes back for good, and time passes.
  if (up) cut();
  await world.clock.pass(1000);
  world.lag = 0;
  await back();
  await world.clock.pass(20_000);

  const other = new World();
  for (const [id, house] of world.houses) other.houses.set(id, house);
  const newborn = createApp(other.parts());
  await newborn.start();
  await other.hello();
  for (const id of world.houses.keys()) {
    for (const [w, a] of [
      [world, app],
      [other, newborn],
    ] as const) {
      a.open(id);
      await w.clock.pass(1000);
    }
    // My own cursor goes on when I look; both have looked now.
    expect(room(app, id), `room ${id}`).toEqual(room(newborn, id));
    expect(shown(app, id, newborn), `messages of ${id}`).toEqual(shown(newborn, id, app));
  }
  expect(app.rooms.value.map((r) => r.room.id)).toEqual(newborn.rooms.value.map((r) => r.room.id));
  expect(app.total.value).toBe(newborn.total.value);
}

function room(app: App, id: RoomID): unknown {
  const { lastMessage, members, seq, unread, title, memberCount, pinned, notify, notice, read, master } = (app.model(id)
    .room.value ?? {}) as Partial<NonNullable<ReturnType<App["model"]>["room"]["value"]>>;
  return {
    seq,
    unread,
    title,
    memberCount,
    pinned,
    notify,
    read,
    master,
    notice: notice && { id: notice.id, body: notice.body },
    last: lastMessage && { id: lastMessage.id, body: lastMessage.body },
    members: [...(members ?? [])].map((m) => `${m.id} ${m.read} ${m.from}`).sort(),
  };
}

// shown is what stands in a room, as far down as both have read it. What was taken back leaves a trace only where it
// had been seen before.
function shown(app: App, id: RoomID, other: App): unknown {
  const sent = (a: App) => a.model(id).bubbles.value.filter((b) => b.state === "sent");
  const low = Math.max(sent(app)[0]?.message.seq ?? 0, sent(other)[0]?.message.seq ?? 0);
  return sent(app)
    .filter((b) => b.message.seq >= low && !b.message.cancelled)
    .map((b) => {
      const { seq, body, unread, reactions, edited, sender, quote } = b.message;
      return {
        seq,
        body,
        unread,
        reactions: reactions ?? [],
        edited: edited !== undefined,
        sender,
        quote: quote?.body,
      };
    });
}

// What I delete before its frame has come moves the room in the list all the same.
const gone: Step[] = [
  { do: "send", room: 0, by: 0, way: "now" },
  { do: "send", room: 2, by: 0, way: "late" },
  { do: "hide", room: 2, which: 0, way: "now" },
  { do: "look", room: 2 },
];

test("after any cuts, sleeps, reloads, late and repeated frames a page shows what a new page shows", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 45 }), (steps) => play(steps)),
    { numRuns: 120, interruptAfterTimeLimit: 12_000, examples: [[gone]] },
  );
}, 60_000);
