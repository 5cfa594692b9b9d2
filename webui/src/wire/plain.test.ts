import { beforeEach, describe, expect, test } from "vitest";
import { StillClock, settle } from "../state/statetest/clock.ts";
import { later } from "./later.ts";
import type { Socket } from "./line.ts";
import { plainSocket, through } from "./plain.ts";

// One request that waits for its answer.
interface Asked {
  readonly what: string;
  readonly body: unknown;
  readonly answer: (outcome: object) => void;
}

let clock: StillClock;
let asked: Asked[];
let socket: Socket;
let heard: unknown[];
let code: number | null;
let leaves: Set<() => void>;

const ask = (what: string, body?: unknown) =>
  new Promise<never>((answer) => asked.push({ what, body, answer: answer as () => void }));

// answer answers the oldest request of a kind.
async function answer(what: string, outcome: object): Promise<unknown> {
  const i = asked.findIndex((a) => a.what === what);
  if (i < 0) throw new Error(`${what} was not asked but ${asked.map((a) => a.what)}`);
  const [one] = asked.splice(i, 1);
  one?.answer(outcome);
  await settle();
  return one?.body;
}

const frames = (after: number, ...texts: string[]) => ({ data: { after, frames: texts } });
const gone = { error: { code: "unavailable", message: "" } };

beforeEach(() => {
  clock = new StillClock();
  asked = [];
  heard = [];
  code = null;
  const http = {
    wait: (path: string) => ask(`GET ${path}`),
    put: (path: string, body: unknown) => ask(`PUT ${path}`, body),
    post: (path: string, body: unknown) => ask(`POST ${path}`, body),
    drop: (path: string) => ask(`DELETE ${path}`),
  };
  leaves = new Set();
  socket = plainSocket(http, clock, "x", (run) => {
    leaves.add(run);
    return () => leaves.delete(run);
  });
  socket.onmessage = (e) => heard.push(e.data);
  socket.onclose = (e) => {
    code = e.code;
  };
});

describe("the page goes", () => {
  test("and the line with it, by a word to the server", async () => {
    await answer("PUT line/x", frames(0, "hello"));
    for (const run of leaves) run();
    expect(asked.map((a) => a.what)).toEqual(["GET line/x?after=1", "DELETE line/x"]);
    expect(code).not.toBeNull();
    expect(leaves.size).toBe(0);
  });

  test("and a line that was closed before says nothing more", () => {
    socket.close();
    expect(leaves.size).toBe(0);
  });
});

describe("hearing", () => {
  test("frames come in order, each once, whatever is lost on the way", async () => {
    await answer("PUT line/x", frames(0, "hello"));
    await answer("GET line/x?after=1", frames(1, "a", "b"));
    await answer("GET line/x?after=3", gone);
    await clock.pass(1000);
    await answer("GET line/x?after=3", frames(2, "b", "c"));
    await answer("GET line/x?after=4", frames(4));
    expect(asked.map((a) => a.what)).toEqual(["GET line/x?after=4"]);
    expect(heard).toEqual(["hello", "a", "b", "c"]);
    expect(code).toBeNull();
  });

  test("the server's close code is heard after the last frame", async () => {
    await answer("PUT line/x", frames(0, "hello"));
    await answer("GET line/x?after=1", { data: { after: 1, frames: ["replaced"], close: 4001 } });
    expect(heard).toEqual(["hello", "replaced"]);
    expect(code).toBe(4001);
    expect(asked).toEqual([]);
  });

  test("a line that fails twice, is not known any more or has a hole is over", async () => {
    await answer("PUT line/x", frames(0, "hello"));
    await answer("GET line/x?after=1", gone);
    await clock.pass(1000);
    await answer("GET line/x?after=1", gone);
    expect(code).toBe(1006);
  });

  test("a hole ends it", async () => {
    await answer("PUT line/x", frames(0, "hello"));
    await answer("GET line/x?after=1", frames(2, "b"));
    expect(code).toBe(1006);
    expect(heard).toEqual(["hello"]);
  });

  test("a server that does not know it ends it at once", async () => {
    await answer("PUT line/x", { error: { code: "not_found", message: "" } });
    expect(code).toBe(1006);
  });
});

describe("saying", () => {
  beforeEach(() => answer("PUT line/x", frames(0, "hello")));

  test("what waits goes together, one request after the other", async () => {
    socket.send("1");
    socket.send("2");
    socket.send("3");
    expect(await answer("POST line/x", { data: {} })).toEqual({ frames: ["1"] });
    expect(await answer("POST line/x", { data: {} })).toEqual({ frames: ["2", "3"] });
    expect(asked.map((a) => a.what)).toEqual(["GET line/x?after=1"]);
  });

  test("too fast is waited out, and an answer that was lost is asked for again", async () => {
    socket.send("1");
    await answer("POST line/x", { error: { code: "rate_limited", message: "", retryAfter: 2 } });
    await clock.pass(1900);
    expect(asked.some((a) => a.what.startsWith("POST"))).toBe(false);
    await clock.pass(100);
    await answer("POST line/x", gone);
    await clock.pass(1000);
    expect(await answer("POST line/x", { data: {} })).toEqual({ frames: ["1"] });
    expect(code).toBeNull();
  });

  test("closing tells the server and hears nothing more", async () => {
    socket.close();
    await answer("GET line/x?after=1", frames(1, "late"));
    expect(heard).toEqual(["hello"]);
    expect(asked.map((a) => a.what)).toEqual(["DELETE line/x"]);
  });
});

describe("a socket that is still being fetched", () => {
  test("keeps what is said until it is there, and passes on what it hears", async () => {
    const said: string[] = [];
    const real: Socket = {
      onmessage: null,
      onclose: null,
      send: (t) => said.push(t),
      close: () => said.push("closed"),
    };
    const s = later(async () => real);
    s.onmessage = (e) => heard.push(e.data);
    s.send("early");
    await settle();
    s.send("late");
    real.onmessage?.({ data: "hi" });
    s.close();
    expect(said).toEqual(["early", "late", "closed"]);
    expect(heard).toEqual(["hi"]);
  });

  test("says so when it cannot be had", async () => {
    const s = later(() => Promise.reject(new Error("no way")));
    s.onclose = (e) => {
      code = e.code;
    };
    await settle();
    expect(code).toBe(1006);
  });
});

describe("a trial", () => {
  class Web {
    onopen: (() => void) | null = null;
    onmessage: ((e: { data: string }) => void) | null = null;
    onclose: (() => void) | null = null;
    sent: string[] = [];
    closed = false;
    send = (text: string): void => void this.sent.push(text);
    close = (): void => {
      this.closed = true;
    };
  }
  const start = (): { web: Web; result: Promise<boolean> } => {
    const web = new Web();
    return { web, result: through(() => web as unknown as WebSocket, clock) };
  };

  test("is good when a frame comes back", async () => {
    const { web, result } = start();
    web.onopen?.();
    web.onmessage?.({ data: web.sent[0] ?? "" });
    expect(await result).toBe(true);
    expect(web.closed).toBe(true);
  });

  test("is bad when it is refused, or when nothing comes back in 10 s", async () => {
    const refused = start();
    refused.web.onclose?.();
    expect(await refused.result).toBe(false);
    const eaten = start();
    eaten.web.onopen?.();
    await clock.pass(10_000);
    expect(await eaten.result).toBe(false);
  });
});
