import { expect, test } from "vitest";
import type { Copy } from "../state/parts.ts";
import { sealedCopy } from "./sealed.ts";

const key = btoa("k".repeat(32));

// disk is a copy as a browser keeps it, and what lies there.
function disk(): { readonly copy: Copy; readonly lies: Map<string, unknown> } {
  const lies = new Map<string, unknown>();
  const copy: Copy = {
    read: (keys) => Promise.resolve(keys.map((k) => lies.get(k))),
    all: () => Promise.resolve([...lies.values()]),
    write(put, drop) {
      for (const [k, v] of Object.entries(put)) lies.set(k, structuredClone(v));
      for (const k of drop) lies.delete(k);
    },
    wipe: () => lies.clear(),
  };
  return { copy, lies };
}

// bytes is all that lies there, as one would look for a text in it.
function bytes(lies: Map<string, unknown>): string {
  return [...lies.values()].map((v) => new TextDecoder().decode(v as Uint8Array)).join();
}

test("what a copy holds comes back, and cannot be read where it lies", async () => {
  const { copy, lies } = disk();
  const sealed = sealedCopy(copy, key);
  sealed.write({ head: { v: 1, rooms: [] }, "room/r1": { messages: [{ body: "비밀이에요" }] } }, []);
  sealed.write({ head: { v: 2, rooms: [] } }, ["room/r9"]);
  await expect.poll(() => lies.size).toBe(2);
  await expect.poll(() => sealed.read(["head", "none"])).toEqual([{ v: 2, rooms: [] }, undefined]);
  expect(await sealed.all()).toContainEqual({ messages: [{ body: "비밀이에요" }] });
  expect([...lies.values()].every((v) => v instanceof Uint8Array)).toBe(true);
  expect(bytes(lies)).not.toContain("비밀");
  sealed.wipe();
  await expect.poll(() => lies.size).toBe(0);
});

test("what lies there open or under another key is not there, and does not stay", async () => {
  for (const [was, use] of [
    [(c: Copy) => c, key],
    [(c: Copy) => sealedCopy(c, btoa("o".repeat(32))), key],
  ] as const) {
    const { copy, lies } = disk();
    was(copy).write({ head: { v: 1 } }, []);
    await expect.poll(() => lies.size).toBe(1);
    expect(await sealedCopy(copy, use).read(["head"])).toEqual([undefined]);
    await expect.poll(() => lies.size).toBe(0);
  }
});
