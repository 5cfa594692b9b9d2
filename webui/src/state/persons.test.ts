import { expect, test } from "vitest";
import type { User, UserID } from "../gen/protocol.ts";
import type { Clock, Http } from "./parts.ts";
import { Persons } from "./persons.ts";

const id = (s: string) => s as UserID;

function world() {
  const asked: string[] = [];
  let time = 1000;
  let waiting: (() => void)[] = [];
  const clock: Clock = {
    now: () => time,
    after: (_ms, run) => {
      waiting.push(run);
      return () => {};
    },
    random: () => 0.5,
  };
  const http: Pick<Http, "get"> = {
    get: async <T>(path: string) => {
      asked.push(path);
      const ids = new URL(path, "http://x/").searchParams.get("ids")?.split(",") ?? [];
      return { data: { users: ids.map((i): User => ({ id: id(i), name: i.toUpperCase() })) } as T };
    },
  };
  const settle = async () => {
    const now = waiting;
    waiting = [];
    for (const run of now) run();
    await new Promise((done) => setTimeout(done));
  };
  return { persons: new Persons(http, clock), asked, settle, pass: (ms: number) => (time += ms) };
}

test("who appears at the same time is asked for at once, and nobody twice", async () => {
  const { persons, asked, settle } = world();
  const kim = persons.of(id("kim"));
  persons.of(id("lee"));
  persons.of(id("kim"));
  await settle();
  expect(asked).toEqual(["users?ids=kim,lee"]);
  expect(kim.value?.name).toBe("KIM");
  persons.of(id("kim"));
  await settle();
  expect(asked.length).toBe(1);
});

test("what is told is not asked for", async () => {
  const { persons, asked, settle } = world();
  persons.know([{ id: id("kim"), name: "Kim", nick: "봄" }]);
  expect(persons.of(id("kim")).value?.nick).toBe("봄");
  await settle();
  expect(asked).toEqual([]);
});

test("who comes back on the screen after a while is asked for anew, and shown as known until then", async () => {
  const { persons, asked, settle, pass } = world();
  persons.know([{ id: id("kim"), name: "Kim" }]);
  pass(6 * 60_000);
  expect(persons.of(id("kim")).value?.name).toBe("Kim");
  persons.of(id("kim"));
  await settle();
  expect(asked).toEqual(["users?ids=kim"]);
  expect(persons.of(id("kim")).value?.name).toBe("KIM");
});

test("after a time without a line only what is old is asked for anew", async () => {
  const { persons, asked, settle, pass } = world();
  persons.know([{ id: id("kim"), name: "Kim" }]);
  pass(6 * 60_000);
  persons.know([{ id: id("lee"), name: "Lee" }]);
  persons.doubt();
  await settle();
  expect(asked).toEqual(["users?ids=kim"]);
});
