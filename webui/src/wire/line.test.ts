import { beforeEach, describe, expect, test } from "vitest";
import type { Hello, MessageID, Push, RoomID } from "../gen/protocol.ts";
import { StillClock, settle } from "../state/statetest/clock.ts";
import { Line, type Socket } from "./line.ts";

class FakeSocket implements Socket {
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  readonly sent: { id: number; op: string; data: unknown }[] = [];
  closed = false;
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  say(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }
  end(code: number): void {
    this.onclose?.({ code });
  }
}

const hello = {
  ev: "hello",
  data: {
    user: { id: "kim", name: "Kim" },
    device: "web",
    session: "s",
    heartbeat: 25,
    native: [],
    attention: [],
    server: { version: "1", node: "n", ui: "u" },
  },
};
const message = { id: "m1" as MessageID, room: "r" as RoomID, type: "talk" as const, body: "hi" };

let clock: StillClock;
let sockets: FakeSocket[];
let line: Line;
let states: string[];
let greeted: number[];
let pushes: Push[];
let sent: string[];
let why: "in" | "out" | "unknown";
let ways: ("plain" | "socket")[];
let through: boolean;
const last = (): FakeSocket => sockets.at(-1) as FakeSocket;

beforeEach(() => {
  clock = new StillClock();
  sockets = [];
  states = [];
  greeted = [];
  pushes = [];
  sent = [];
  why = "unknown";
  ways = [];
  through = false;
  line = new Line({
    clock,
    dial(plain) {
      const s = new FakeSocket();
      sockets.push(s);
      ways.push(plain ? "plain" : "socket");
      return s;
    },
    through: async () => through,
    probe: async () => why,
    ears: {
      hello: (_: Hello, away) => greeted.push(away),
      push: (p) => pushes.push(p),
      sent: (ask) => sent.push(ask.id),
      link: (l) => states.push(l.plain ? `${l.state} plain` : l.state),
    },
  });
});

describe("asking", () => {
  test("an answer finds its question", async () => {
    line.open();
    last().say(hello);
    const a = line.ask("message.send", message);
    const b = line.ask("message.read", { room: "r", seq: 1 });
    const [first, second] = last().sent;
    last().say({ re: second?.id, data: {} });
    last().say({ re: first?.id, error: { code: "too_large", message: "" } });
    expect(await a).toMatchObject({ error: { code: "too_large" } });
    expect(await b).toEqual({ data: {} });
  });

  test("without a line it fails at once", async () => {
    expect(await line.ask("ping", {})).toMatchObject({ error: { code: "unavailable" } });
  });

  test("while the line comes up it waits for the hello", async () => {
    line.open();
    const a = line.ask("message.send", message);
    expect(last().sent).toEqual([]);
    last().say(hello);
    expect(last().sent.map((f) => f.op)).toEqual(["message.send"]);
    last().say({ re: last().sent[0]?.id, data: { id: "m1" } });
    expect((await a).data).toEqual({ id: "m1" });
    expect(sent).toEqual(["m1"]);
  });

  test("without an answer it fails after 5 s, and an answer that comes late still counts", async () => {
    line.open();
    last().say(hello);
    const a = line.ask("message.send", message);
    await clock.pass(5000);
    expect(await a).toMatchObject({ error: { code: "unavailable" } });
    last().say({ re: last().sent[0]?.id, data: { id: "m1" } });
    expect(sent).toEqual(["m1"]);
  });

  test("a cut fails what was asked", async () => {
    line.open();
    last().say(hello);
    const a = line.ask("message.send", message);
    last().end(1006);
    expect(await a).toMatchObject({ error: { code: "unavailable" } });
  });
});

describe("coming back", () => {
  test("a restart is followed by a dial within a second, and the gap is told", async () => {
    line.open();
    last().say(hello);
    await clock.pass(20_000);
    last().end(1012);
    await clock.pass(500);
    expect(sockets.length).toBe(2);
    last().say(hello);
    expect(greeted).toEqual([Number.POSITIVE_INFINITY, 500]);
    expect(states).toEqual(["online", "connecting", "online"]);
  });

  test("a server that stays away is tried ever more rarely, at least once a minute", async () => {
    line.open();
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      const had = sockets.length;
      const at = clock.now();
      last().end(1006);
      while (sockets.length === had) await clock.pass(250);
      waits.push(clock.now() - at);
    }
    expect(waits).toEqual([...waits].sort((x, y) => x - y));
    expect(waits.at(-1)).toBeGreaterThan(30_000);
    expect(waits.at(-1)).toBeLessThanOrEqual(60_000);
    expect(line.link.state).toBe("offline");
    last().end(1006);
    await clock.pass(1000);
    const had = sockets.length;
    line.retry();
    expect(sockets.length).toBe(had + 1);
  });

  test("what is asked right after a retry goes out with the hello", async () => {
    line.open();
    last().say(hello);
    last().end(1006);
    expect(await line.ask("message.send", message)).toMatchObject({ error: { code: "unavailable" } });
    line.retry();
    void line.ask("message.send", message);
    last().say(hello);
    expect(last().sent.map((f) => f.op)).toEqual(["message.send"]);
  });

  test("replaced stays away until the person says otherwise", async () => {
    line.open();
    last().say(hello);
    last().say({ ev: "replaced", data: { device: "web", at: "", address: "10.0.0.9", agent: "x" } });
    last().end(4001);
    await clock.pass(600_000);
    line.retry();
    expect(sockets.length).toBe(1);
    expect(line.link).toMatchObject({ state: "replaced", by: { address: "10.0.0.9" } });
    line.useHere();
    last().say(hello);
    expect(line.link.state).toBe("online");
    expect(line.link.by).toBeUndefined();
  });

  test("signed out stays away", async () => {
    line.open();
    last().say(hello);
    last().end(4002);
    await clock.pass(600_000);
    expect(sockets.length).toBe(1);
    expect(line.link.state).toBe("signed_out");
  });

  test("a token that grew old during a long outage costs no further wait", async () => {
    line.open();
    last().say(hello);
    for (let i = 0; i < 6; i++) {
      const had = sockets.length;
      last().end(1006);
      while (sockets.length === had) await clock.pass(250);
    }
    why = "in";
    const had = sockets.length;
    last().end(1006);
    await settle();
    expect(sockets.length).toBe(had + 1);
    // A server that answers but lets nothing through either way is not hammered.
    last().end(1006);
    await settle();
    expect(ways.at(-1)).toBe("plain");
    last().end(1006);
    await settle();
    expect(sockets.length).toBe(had + 2);
    while (sockets.length === had + 2) await clock.pass(250);
    expect(ways.at(-1)).toBe("socket");
  });

  test("a door that stays shut is asked why: fresh tokens dial at once, none end it", async () => {
    why = "in";
    line.open();
    last().end(1006);
    await settle();
    expect(sockets.length).toBe(2);
    why = "out";
    last().end(1006);
    await settle();
    expect(line.link.state).toBe("signed_out");
  });
});

describe("signs of life", () => {
  test("silence is answered by a ping, and silence after it by a new line", async () => {
    line.open();
    last().say(hello);
    await clock.pass(24_000);
    expect(last().sent).toEqual([]);
    await clock.pass(1500);
    expect(last().sent.map((f) => f.op)).toEqual(["ping"]);
    await clock.pass(10_000);
    expect(sockets[0]?.closed).toBe(true);
    await clock.pass(1000);
    expect(sockets.length).toBe(2);
  });

  test("any frame is a sign of life", async () => {
    line.open();
    last().say(hello);
    for (let i = 0; i < 10; i++) {
      await clock.pass(20_000);
      last().say({ ev: "attention", data: {} });
    }
    expect(sockets.length).toBe(1);
    expect(last().sent).toEqual([]);
  });

  test("what is no frame is passed over", () => {
    line.open();
    for (const junk of ["", "nonsense", "null", "7", "[]", "{}", '{"re":"x"}']) last().say(junk);
    last().say({ re: 99, data: {} });
    last().say(hello);
    expect(line.link.state).toBe("online");
    expect(pushes).toEqual([]);
  });
});

describe("where no WebSocket gets through", () => {
  beforeEach(() => {
    why = "in";
  });

  test("one that is refused is asked for once more, then the line goes over plain HTTP", async () => {
    line.open();
    last().end(1006);
    await settle();
    last().end(1006);
    await settle();
    expect(ways).toEqual(["socket", "socket", "plain"]);
    last().say(hello);
    expect(states).toEqual(["online plain"]);
  });

  test("one that hangs is not waited for twice", async () => {
    line.open();
    await clock.pass(10_000);
    expect(ways).toEqual(["socket", "plain"]);
  });

  test("one that carries nothing of what we ask is given up", async () => {
    line.open();
    last().say(hello);
    await clock.pass(35_000);
    await clock.pass(1000);
    expect(ways).toEqual(["socket", "plain"]);
  });

  test("one that answered and fell silent is dialled again", async () => {
    line.open();
    last().say(hello);
    void line.ask("ping", {});
    last().say({ re: last().sent[0]?.id, data: {} });
    await clock.pass(36_000);
    expect(ways).toEqual(["socket", "socket"]);
  });

  test("three in a row that are cut soon are no accident", async () => {
    line.open();
    for (const _ of [1, 2, 3]) {
      last().say(hello);
      await clock.pass(5000);
      const had = sockets.length;
      last().end(1006);
      while (sockets.length === had) await clock.pass(250);
    }
    expect(ways).toEqual(["socket", "socket", "socket", "plain"]);
  });

  test("a server that is away is no reason", async () => {
    why = "unknown";
    line.open();
    for (let i = 0; i < 8; i++) {
      last().end(1006);
      await clock.pass(60_000);
    }
    expect(new Set(ways)).toEqual(new Set(["socket"]));
  });

  test("a WebSocket is tried again at calm intervals and taken once it gets through", async () => {
    line.open();
    await clock.pass(10_000);
    const alive = async (ms: number): Promise<void> => {
      for (let t = 0; t < ms && ways.at(-1) === "plain"; t += 10_000) {
        last().say({ ev: "attention", data: {} });
        await clock.pass(10_000);
      }
    };
    last().say(hello);
    await alive(400_000); // tried in vain after one minute and after six
    expect(sockets.length).toBe(2);
    through = true;
    await alive(900_000);
    expect(ways).toEqual(["socket", "plain", "socket"]);
    expect(sockets[1]?.closed).toBe(true);
    last().say(hello);
    expect(states.at(-1)).toBe("online");
  });

  test("a line that is cut before its trial does not make the next one wait longer", async () => {
    line.open();
    await clock.pass(10_000);
    last().say(hello);
    await clock.pass(20_000); // shorter than the first wait
    last().end(1006);
    for (let t = 0; t < 60_000 && ways.length < 3; t += 1_000) await clock.pass(1_000);
    expect(ways.at(-1)).toBe("plain");
    last().say(hello);
    through = true;
    for (let t = 0; t < 70_000 && ways.at(-1) === "plain"; t += 10_000) {
      last().say({ ev: "attention", data: {} });
      await clock.pass(10_000);
    }
    expect(ways.at(-1)).toBe("socket");
  });

  test("the tab that takes over goes the same way", () => {
    line.takeOver(clock.now(), true);
    line.open();
    expect(ways).toEqual(["plain"]);
  });
});
