import { expect, test } from "vitest";
import type { Attention, Instant, MessageID, RoomID, UserID } from "../gen/protocol.ts";
import type { Heard, Wire } from "../state/parts.ts";
import { StillClock, settle } from "../state/statetest/clock.ts";
import type { Claims } from "./claims.ts";
import type { Socket } from "./line.ts";
import { type Channel, createTabs, type Note } from "./tabs.ts";

// A browser with tabs: one channel, one queue for the claim, sockets that answer like a server.
class Browser {
  readonly clock = new StillClock();
  readonly sockets: ServerSocket[] = [];
  private readonly channels = new Map<string, Channel>();
  private readonly queue: { id: string; granted: () => void }[] = [];
  private readonly gone = new Map<string, (() => void)[]>();
  private leader = "";

  tab(id: string): { wire: Wire; heard: Heard[] } {
    const channel: Channel = {
      post: (note: Note) => {
        const copy = structuredClone(note);
        queueMicrotask(() => {
          for (const [other, c] of this.channels) if (other !== id) c.onnote(copy);
        });
      },
      onnote: () => {},
    };
    this.channels.set(id, channel);
    const claims: Claims = {
      live() {},
      lead: (granted) => {
        this.queue.push({ id, granted });
        this.grant();
      },
      onGone: (other, run) => this.gone.set(other, [...(this.gone.get(other) ?? []), run]),
      alone: (_, run) => run(),
    };
    const wire = createTabs({
      id,
      channel,
      claims,
      clock: this.clock,
      through: async () => false,
      dial: () => {
        const s = new ServerSocket();
        this.sockets.push(s);
        return s;
      },
      probe: async () => "unknown",
    });
    const heard: Heard[] = [];
    wire.listen((h) => heard.push(h));
    return { wire, heard };
  }

  close(id: string): void {
    this.channels.delete(id);
    if (this.leader === id) this.leader = "";
    for (const run of this.gone.get(id) ?? []) run();
    this.grant();
  }

  socket(): ServerSocket {
    return this.sockets.at(-1) as ServerSocket;
  }

  private grant(): void {
    if (this.leader) return;
    const next = this.queue.shift();
    if (!next) return;
    this.leader = next.id;
    queueMicrotask(next.granted);
  }
}

class ServerSocket implements Socket {
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  readonly asked: { id: number; op: string; data: Record<string, unknown> }[] = [];
  answers = true;
  send(text: string): void {
    const ask = JSON.parse(text);
    this.asked.push(ask);
    if (!this.answers || ask.op === "attention.set") return;
    const data = ask.op === "message.send" ? { id: ask.data.id, room: ask.data.room, seq: 1, rev: 2, at: "" } : {};
    queueMicrotask(() => this.say({ re: ask.id, data }));
  }
  close(): void {}
  say(frame: unknown): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  hello(): void {
    this.say({ ev: "hello", data: { user: { id: "kim" }, heartbeat: 25, attention: [], native: [] } });
  }
  ops(): string[] {
    return this.asked.map((a) => a.op);
  }
}

const kinds = (heard: Heard[]): string[] => heard.map((h) => (h.kind === "link" ? h.link.state : h.kind));
const message = { id: "m1" as MessageID, room: "r" as RoomID, type: "talk" as const, body: "hi" };
const looking = (room: string, focused: boolean, idle = 0): Attention => ({
  room: room as RoomID,
  focused,
  idle,
  locked: false,
  quiet: "" as Instant,
});

async function two(): Promise<{ browser: Browser; a: ReturnType<Browser["tab"]>; b: ReturnType<Browser["tab"]> }> {
  const browser = new Browser();
  const a = browser.tab("a");
  const b = browser.tab("b");
  a.wire.start();
  await settle();
  browser.socket().hello();
  await settle();
  b.wire.start();
  await settle();
  return { browser, a, b };
}

test("two tabs share one socket, and the second learns how it stands", async () => {
  const { browser, a, b } = await two();
  expect(browser.sockets.length).toBe(1);
  expect(a.wire.leads()).toBe(true);
  expect(kinds(b.heard)).toContain("hello");
  expect(kinds(b.heard)).toContain("online");
  browser.socket().say({ ev: "message.new", room: "r", rev: 2, data: { id: "x" } });
  await settle();
  expect(kinds(a.heard).at(-1)).toBe("push");
  expect(kinds(b.heard).at(-1)).toBe("push");
});

test("what one tab sends the other hears of, before the answer", async () => {
  const { a, b } = await two();
  const answer = await b.wire.ask("message.send", message);
  expect(answer.data?.seq).toBe(1);
  await settle();
  expect(kinds(a.heard).at(-1)).toBe("sent");
  expect(kinds(b.heard).at(-1)).toBe("sent");
});

test("when the tab with the socket closes, the next takes over and tells the others of a short gap", async () => {
  const { browser, b } = await two();
  const c = browser.tab("c");
  c.wire.start();
  await settle();
  browser.close("a");
  await settle();
  expect(browser.sockets.length).toBe(2);
  await browser.clock.pass(80);
  browser.socket().hello();
  await settle();
  expect(b.wire.leads()).toBe(true);
  for (const tab of [b, c]) {
    const hello = tab.heard.findLast((h) => h.kind === "hello");
    expect(hello).toMatchObject({ away: 80 });
  }
});

test("a closing tab that still says that its line went leaves a short gap too", async () => {
  const { browser, b } = await two();
  await browser.clock.pass(5000);
  browser.socket().onclose?.({ code: 1006 });
  await settle();
  browser.close("a");
  await settle();
  await browser.clock.pass(80);
  browser.socket().hello();
  await settle();
  expect(b.wire.leads()).toBe(true);
  const hello = b.heard.findLast((h) => h.kind === "hello");
  expect(hello).toMatchObject({ away: 80 });
});

test("what the closing tab left unanswered is asked again, and answered", async () => {
  const { browser, b } = await two();
  browser.socket().answers = false;
  const waiting = b.wire.ask("message.send", message);
  await settle();
  browser.close("a");
  await settle();
  browser.socket().hello();
  await settle();
  expect((await waiting).data?.id).toBe("m1");
});

test("without anybody who answers, asking fails in the end", async () => {
  const { browser, b } = await two();
  browser.socket().answers = false;
  const waiting = b.wire.ask("message.send", message);
  await browser.clock.pass(8000);
  expect((await waiting).error?.code).toBe("unavailable");
});

test("replaced stops all tabs, also those that come later, until one says use here", async () => {
  const { browser, a, b } = await two();
  browser.socket().say({ ev: "replaced", data: { device: "web", at: "", address: "1.2.3.4", agent: "" } });
  browser.socket().onclose?.({ code: 4001 });
  await settle();
  expect(kinds(a.heard).at(-1)).toBe("replaced");
  expect(kinds(b.heard).at(-1)).toBe("replaced");
  const c = browser.tab("c");
  c.wire.start();
  await settle();
  browser.close("a");
  await settle();
  await browser.clock.pass(120_000);
  expect(kinds(c.heard).at(-1)).toBe("replaced");
  expect(browser.sockets.length).toBe(1);
  c.wire.useHere();
  await settle();
  browser.socket().hello();
  await settle();
  expect(kinds(b.heard)).toContain("online");
  expect(browser.sockets.length).toBe(2);
});

test("the server hears one attention for all tabs: the focused one, and who closes no longer counts", async () => {
  const { browser, a, b } = await two();
  const said = (): unknown =>
    browser
      .socket()
      .asked.filter((x) => x.op === "attention.set")
      .at(-1)?.data;
  a.wire.attend(looking("r1", false, 60));
  b.wire.attend(looking("r2", true));
  await settle();
  expect(said()).toMatchObject({ room: "r2", focused: true, idle: 0 });
  b.wire.attend(looking("r2", false));
  await settle();
  expect(said()).toMatchObject({ room: "", focused: false, idle: 0 });
  browser.close("b");
  await settle();
  expect(said()).toMatchObject({ focused: false, idle: 60 });
});

test("all tabs watch through one line, and a closed one lets go", async () => {
  const b = new Browser();
  const users = (...ids: string[]) => ids as unknown as readonly UserID[];
  const one = b.tab("a");
  const two = b.tab("b");
  one.wire.start();
  two.wire.start();
  await settle();
  b.socket().hello();
  await settle();
  const watched = () =>
    b
      .socket()
      .asked.filter((a) => a.op === "presence.watch")
      .map((a) => a.data["users"]);
  one.wire.watch(users("kim"));
  two.wire.watch(users("lee", "kim"));
  await settle();
  expect(watched()).toEqual([["kim"], ["kim", "lee"]]);
  b.close("b");
  await settle();
  expect(watched().at(-1)).toEqual(["kim"]);
});
