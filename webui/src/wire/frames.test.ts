// The line speaks and understands the golden frames, which the Go tests read too.
import { expect, test } from "vitest";
import { commandClass, type Op } from "../gen/protocol.ts";
import type { Clock } from "../state/parts.ts";
import { Line, type Socket } from "./line.ts";

interface Frame {
  readonly id?: number;
  readonly op?: Op;
  readonly re?: number;
  readonly ev?: string;
  readonly data?: unknown;
  readonly error?: unknown;
}

const files = import.meta.glob<Frame>("../../../shared/protocol/testdata/frames/*.json", {
  eager: true,
  import: "default",
});
const frames = Object.entries(files).map(([path, frame]) => ({
  name: path.replace(/^.*\/|\.json$/g, ""),
  frame,
}));
const named = (name: string): Frame => {
  const found = frames.find((f) => f.name === name);
  if (!found) throw new Error(`no frame ${name}`);
  return found.frame;
};

// A line on a socket that remembers what was said, at a moment that does not pass.
function stand() {
  const said: string[] = [];
  const heard: unknown[] = [];
  const socket: Socket = { send: (text) => said.push(text), close: () => {}, onmessage: null, onclose: null };
  const clock: Clock = { now: () => 0, random: () => 0, after: () => () => {} };
  const line = new Line({
    dial: () => socket,
    through: async () => false,
    probe: async () => "unknown",
    clock,
    ears: {
      hello: (hello) => heard.push(hello),
      push: (push) => heard.push(push),
      sent: () => {},
      link: () => {},
    },
  });
  line.open();
  const say = (frame: Frame): void => socket.onmessage?.({ data: JSON.stringify(frame) });
  say(named("push.hello"));
  return { line, said, heard, say };
}

test("every command is written, and its answer read, like its golden frame", async () => {
  const { line, said, say } = stand();
  for (const op of Object.keys(commandClass) as Op[]) {
    const golden = named(`ask.${op}`);
    const asked = line.ask(op, golden.data);
    const { id, ...frame } = JSON.parse(said.at(-1) ?? "") as Frame;
    // The line counts as it likes.
    expect({ id: golden.id, ...frame }).toEqual(golden);
    const answer = named(`answer.${op}`);
    say({ ...answer, ...(id !== undefined && { re: id }) });
    expect(await asked).toEqual({ data: answer.data });
  }
});

test("a refusal comes back with code, field and time to wait", async () => {
  const { line, said, say } = stand();
  const asked = line.ask("ping", {});
  const { id } = JSON.parse(said.at(-1) ?? "") as Frame;
  const golden = named("answer.refused");
  say({ ...golden, ...(id !== undefined && { re: id }) });
  expect(await asked).toEqual({ error: golden.error });
});

test("every event is heard as its golden frame says it", () => {
  const { heard, say } = stand();
  expect(heard).toEqual([named("push.hello").data]);
  for (const { name, frame } of frames) {
    if (!name.startsWith("push.") || frame.ev === "hello") continue;
    say(frame);
    expect(heard.at(-1)).toEqual(frame);
  }
});

test("an answer to nothing, and noise, do no harm", () => {
  const { heard, say } = stand();
  say(named("answer.unreadable"));
  say(7 as Frame);
  expect(heard).toHaveLength(1);
});
