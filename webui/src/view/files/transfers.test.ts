import { signal } from "@preact/signals-core";
import { beforeEach, expect, test, vi } from "vitest";
import type { Fault, Message, RoomID } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import type { UploadParts } from "../../wire/upload.ts";
import type { Transfer } from "./transfers.ts";

// The line to the server: each upload that is on its way, to be moved on, held up and ended by hand.
interface Going extends UploadParts {
  readonly end: (with_: { id: string } | { error: Fault }) => void;
}
const going: Going[] = [];
vi.mock("../../wire/upload.ts", () => {
  class Stopped extends Error {}
  return {
    Stopped,
    drop: vi.fn(),
    upload: (p: UploadParts) =>
      new Promise((end, fail) => {
        going.push({ ...p, end: end as Going["end"] });
        p.signal.addEventListener("abort", () => fail(new Stopped()));
      }),
  };
});

// What the browser keeps over a reload.
const kept = new Map<string, { transfer: Transfer; file?: Blob }>();
vi.mock("./shelf.ts", () => ({
  shelf: {
    all: async () => [...kept.values()],
    put: async (_: string, transfer: Transfer, file?: File) => {
      const bytes = file ?? kept.get(transfer.id)?.file;
      kept.set(transfer.id, bytes ? { transfer, file: bytes } : { transfer });
    },
    drop: async (id: string) => void kept.delete(id),
  },
}));

const room = "r1" as RoomID;
const file = (name: string): File => new File(["12345678"], name);
let sent: string[];
let shown: RoomID[]; // the rooms whose end came into sight
let app: App;

// page is a page that was just loaded: nothing of an earlier one is left but what the browser keeps.
async function page(): Promise<typeof import("./transfers.ts")> {
  vi.resetModules();
  going.length = 0;
  const t = await import("./transfers.ts");
  await t.restore(app);
  return t;
}

beforeEach(() => {
  kept.clear();
  sent = [];
  shown = [];
  let n = 0;
  app = {
    me: signal({ id: "kim" }),
    newId: () => `m${++n}`,
    awake: async () => true,
    answered: (r: RoomID) => void shown.push(r),
    sendFile: async (m: Message & { file: string }) => {
      sent.push(`${m.id} ${m.file}`);
      return null;
    },
  } as unknown as App;
});

test("the message goes when the file is whole, and not before", async () => {
  const t = await page();
  t.begin(app, room, [file("a.bin")], "여기요");
  going[0]?.began("f1");
  going[0]?.moved(8);
  expect(t.transfersOf(room)[0]?.state).toBe("finishing");
  expect(sent).toEqual([]);
  expect(shown).toEqual([room]); // at once
  going[0]?.end({ id: "f1" });
  await vi.waitFor(() => expect(t.transfersOf(room)).toEqual([]));
  expect(sent).toEqual(["m1 f1"]);
  expect(shown).toEqual([room]); // and not again: by now the person may be reading elsewhere
  expect(kept.size).toBe(0);
});

test("one that was paused rests over a reload, until somebody goes on with it", async () => {
  let t = await page();
  t.begin(app, room, [file("a.bin"), file("b.bin")], "");
  going[0]?.began("f1");
  going[0]?.moved(3);
  t.pause(t.transfersOf(room)[0]?.id as Transfer["id"]);
  t = await page();
  expect(t.transfersOf(room).map((x) => [x.name, x.state, x.sent])).toEqual([
    ["a.bin", "paused", 3],
    ["b.bin", "going", 0],
  ]);
  expect(going.map((g) => g.name)).toEqual(["b.bin"]);
  t.resume(app, t.transfersOf(room)[0]?.id as Transfer["id"]);
  expect(going.map((g) => [g.name, g.id])).toEqual([
    ["b.bin", null],
    ["a.bin", "f1"],
  ]);
});

test("while nothing moves it says so, and goes on by itself", async () => {
  const t = await page();
  t.begin(app, room, [file("a.bin")], "");
  going[0]?.held();
  expect(t.transfersOf(room)[0]).toMatchObject({ state: "going", held: true });
  going[0]?.moved(4);
  expect(t.transfersOf(room)[0]).toMatchObject({ state: "going", held: false, sent: 4 });
});

test("one that was refused says why, and is tried again with the same id", async () => {
  const t = await page();
  t.begin(app, room, [file("a.bin")], "");
  going[0]?.end({ error: { code: "too_large", message: "", field: "disk" } });
  await vi.waitFor(() => expect(t.transfersOf(room)[0]).toMatchObject({ state: "failed", fault: { field: "disk" } }));
  t.resume(app, t.transfersOf(room)[0]?.id as Transfer["id"]);
  going[1]?.end({ id: "f2" });
  await vi.waitFor(() => expect(sent).toEqual(["m1 f2"]));
});

test("one that is given up leaves nothing here and nothing at the server", async () => {
  const t = await page();
  const { drop } = await import("../../wire/upload.ts");
  t.begin(app, room, [file("a.bin")], "");
  going[0]?.began("f1");
  t.abort(app, t.transfersOf(room)[0]?.id as Transfer["id"]);
  expect([t.transfersOf(room).length, kept.size, going[0]?.signal.aborted]).toEqual([0, 0, true]);
  expect(drop).toHaveBeenCalledWith("f1");
  expect(sent).toEqual([]);
});

test("three at a time are two, and they come in the order in which they were chosen", async () => {
  const t = await page();
  t.begin(app, room, [file("a.bin"), file("b.bin"), file("c.bin")], "");
  expect(going.map((g) => g.name)).toEqual(["a.bin", "b.bin"]);
  going[1]?.end({ id: "f2" });
  await Promise.resolve();
  expect(sent).toEqual([]);
  going[0]?.end({ id: "f1" });
  await vi.waitFor(() => expect(sent).toEqual(["m1 f1", "m2 f2"]));
  await vi.waitFor(() => expect(going.map((g) => g.name)).toEqual(["a.bin", "b.bin", "c.bin"]));
});
