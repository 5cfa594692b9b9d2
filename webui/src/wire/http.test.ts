import { beforeEach, expect, test } from "vitest";
import { createHttp } from "./http.ts";

interface Call {
  readonly path: string;
  readonly body?: unknown;
}

let calls: Call[];
let answers: ((call: Call) => Response | Promise<Response>)[];
let marks: Map<string, string>;
let chain: Promise<unknown>;
let ids: number;

const json = (status: number, body: unknown): Response => new Response(JSON.stringify(body), { status });
const refusal = (status: number, code: string): Response => json(status, { error: { code, message: "no" } });

const make = () =>
  createHttp({
    fetch: async (path, init) => {
      const call = { path, ...(init.body ? { body: JSON.parse(String(init.body)) } : {}) };
      calls.push(call);
      const next = answers.shift();
      if (!next) throw new Error(`nobody expected ${path}`);
      return next(call);
    },
    alone: (_, run) => {
      const now = chain.then(run);
      chain = now.catch(() => {});
      return now;
    },
    marks: { getItem: (k) => marks.get(k) ?? null, setItem: (k, v) => void marks.set(k, v) },
    newId: () => `attempt-${++ids}`,
  });

const paths = (): string[] => calls.map((c) => c.path.replace("api/v1/", ""));

beforeEach(() => {
  calls = [];
  answers = [];
  marks = new Map();
  chain = Promise.resolve();
  ids = 0;
});

test("an answer is its JSON, a refusal its code", async () => {
  answers = [() => json(200, { rooms: [] }), () => refusal(404, "not_found")];
  const http = make();
  expect(await http.get("rooms")).toEqual({ data: { rooms: [] } });
  expect((await http.get("rooms/x")).error?.code).toBe("not_found");
});

test.each([
  [502, "<html>bad gateway</html>", "unavailable"],
  [404, "<html>lost</html>", "not_found"],
  [429, "", "rate_limited"],
  [418, '{"error":{"code":"made_up"}}', "bad_request"],
])("what a proxy says in our place is judged by its status: %d", async (status, body, code) => {
  answers = [() => new Response(body, { status })];
  expect((await make().get("me")).error?.code).toBe(code);
});

test("no line is unavailable, and so is an answer that is no JSON", async () => {
  answers = [
    () => {
      throw new TypeError("failed to fetch");
    },
    () => new Response("<html>sign in to the hotel</html>", { status: 200 }),
  ];
  const http = make();
  expect((await http.get("me")).error?.code).toBe("unavailable");
  expect((await http.get("me")).error?.code).toBe("unavailable");
});

test("an old token is renewed once for all who ask, and they ask again", async () => {
  answers = [
    () => refusal(401, "unauthenticated"),
    () => refusal(401, "unauthenticated"),
    () => json(200, {}),
    () => json(200, { n: 1 }),
    () => json(200, { n: 2 }),
  ];
  const http = make();
  const both = await Promise.all([http.get("a"), http.get("b")]);
  expect(both.every((x) => x.data)).toBe(true);
  expect(paths().filter((p) => p === "auth/refresh").length).toBe(1);
});

test("a renewal whose answer was lost is repeated under the same name", async () => {
  answers = [
    () => refusal(401, "unauthenticated"),
    () => {
      throw new TypeError("cut");
    },
    () => refusal(401, "unauthenticated"),
    () => json(200, {}),
    () => json(200, { ok: true }),
  ];
  const http = make();
  expect((await http.get("me")).error?.code).toBe("unavailable");
  expect((await http.get("me")).data).toEqual({ ok: true });
  const names = calls.filter((c) => c.path.endsWith("refresh")).map((c) => (c.body as { attempt: string }).attempt);
  expect(names).toEqual(["attempt-1", "attempt-1"]);
});

test("a dead sign-in stays unauthenticated, a wrong password is not a reason to renew", async () => {
  answers = [() => refusal(401, "unauthenticated"), () => refusal(401, "unauthenticated")];
  expect((await make().get("me")).error?.code).toBe("unauthenticated");
  answers = [() => refusal(401, "bad_credentials")];
  expect((await make().post("auth/login", {})).error?.code).toBe("bad_credentials");
  answers = [() => refusal(401, "unauthenticated")];
  expect((await make().post("auth/kerberos", {})).error?.code).toBe("unauthenticated"); // no ticket: no tokens either
  expect(paths()).toEqual(["me", "auth/refresh", "auth/login", "auth/kerberos"]);
});

test("two tabs that cannot lock renew under one name, so that neither looks like a thief", async () => {
  let finish: (r: Response) => void = () => {};
  const slow = new Promise<Response>((resolve) => {
    finish = resolve;
  });
  answers = [
    () => refusal(401, "unauthenticated"),
    () => slow,
    () => refusal(401, "unauthenticated"),
    () => slow.then(() => json(200, {})),
    () => json(200, { ok: true }),
    () => json(200, { ok: true }),
  ];
  const one = make().get("me");
  await new Promise((r) => setTimeout(r));
  chain = Promise.resolve();
  const other = make().get("me");
  await new Promise((r) => setTimeout(r));
  finish(json(200, {}));
  expect([(await one).data, (await other).data]).toEqual([{ ok: true }, { ok: true }]);
  const names = calls.filter((c) => c.path.endsWith("refresh")).map((c) => (c.body as { attempt: string }).attempt);
  expect(names).toEqual(["attempt-1", "attempt-1"]);
});
