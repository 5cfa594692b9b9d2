import { signal } from "@preact/signals-core";
import { expect, test, vi } from "vitest";
import type { FileInfo, Instant, Message } from "../gen/protocol.ts";
import type { Bubble } from "../state/app.ts";
import { say } from "../text/say.ts";
import { choices, mayReply } from "./choices.ts";
import type { Talk } from "./talk.ts";

// What they do is not asked here; the page that it needs is not there.
vi.mock("./place.ts", () => ({}));
vi.mock("./copy.ts", () => ({}));
vi.mock("./later.ts", () => ({}));
vi.mock("./ReactPop.tsx", () => ({}));

const hour = 3_600_000;
const file = (more: Partial<FileInfo>): FileInfo =>
  ({ id: "f1", name: "a.pdf", kind: "application/pdf", size: 9, ...more }) as FileInfo;
const message = (more: Partial<Message>): Message =>
  ({ id: "m1", room: "r1", seq: 1, type: "talk", body: "", at: new Date().toISOString(), ...more }) as Message;
const at = (ms: number) => new Date(Date.now() + ms).toISOString() as Instant;

const app = { windows: signal({ edit: hour, cancel: hour }) };
const talk = { app, model: { id: "r1", room: signal() } } as unknown as Talk;
const offered = (m: Message) =>
  choices(talk, { key: m.id, message: m, state: "sent", mine: true } as Bubble).map((c) => c.label);

test("a reply is not offered to what was cancelled, nor to a file that has expired", () => {
  for (const [m, may] of [
    [message({ body: "점심?" }), true],
    [message({ file: file({}) }), true],
    [message({ file: file({ until: at(hour) }) }), true],
    [message({ file: file({ until: at(-hour) }) }), false],
    [message({ file: file({ gone: true }) }), false],
    [message({ cancelled: true }), false],
  ] as const) {
    expect(mayReply(m)).toBe(may);
    expect(offered(m).includes(say("view.message.reply"))).toBe(may);
  }
});

test("an expired file is neither saved nor kept longer, also before the server has said that it is gone", () => {
  const acts = [say("view.file.save"), say("view.file.extend")];
  expect(offered(message({ file: file({ until: at(hour) }) }))).toEqual(expect.arrayContaining(acts));
  expect(offered(message({ file: file({ until: at(-hour) }) })).filter((l) => acts.includes(l))).toEqual([]);
});
