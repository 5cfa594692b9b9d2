import { expect, test } from "vitest";
import type { Instant, Message, MessageType, Seq } from "../gen/protocol.ts";
import type { Bubble } from "../state/app.ts";
import { lines, onlyEmoji } from "./lines.ts";

let n = 0;
function bubble(sender: string, at: string, more: Partial<Bubble> & { type?: MessageType } = {}): Bubble {
  n++;
  const message = {
    id: `m${n}`,
    seq: n,
    sender,
    at: at as Instant,
    type: more.type ?? "talk",
    body: "",
  } as unknown as Message;
  return { key: message.id, message, state: "sent", mine: sender === "me", ...more };
}
const shape = (all: readonly Bubble[], marker: number | null = null, more = false) =>
  lines(all, marker as Seq | null, more).map(
    (l) => `${l.day ? "D" : ""}${l.marker ? "M" : ""}${l.first ? "f" : ""}${l.last ? "l" : ""}`,
  );

test("one sender in one minute is one group, with picture first and time last", () => {
  n = 0;
  const t = "2026-06-12T05:20:0";
  expect(shape([bubble("a", `${t}1.000Z`), bubble("a", `${t}2.000Z`), bubble("b", `${t}3.000Z`)])).toEqual([
    "Df",
    "l",
    "fl",
  ]);
});
test("a new minute, a failed message and a line of the room end a group", () => {
  n = 0;
  expect(
    shape([
      bubble("a", "2026-06-12T05:20:01.000Z"),
      bubble("a", "2026-06-12T05:21:01.000Z"),
      bubble("me", "2026-06-12T05:21:02.000Z", { state: "failed" }),
      bubble("me", "2026-06-12T05:21:03.000Z"),
      bubble("me", "2026-06-12T05:21:04.000Z", { type: "invite" }),
      bubble("me", "2026-06-12T05:21:05.000Z"),
    ]),
  ).toEqual(["Dfl", "fl", "fl", "fl", "fl", "fl"]);
});
test("a day begins above its first message, and at the top only once that is the beginning", () => {
  n = 0;
  const two = [bubble("a", "2026-06-12T05:20:01.000Z"), bubble("a", "2026-06-14T05:20:01.000Z")];
  expect(shape(two)).toEqual(["Dfl", "Dfl"]);
  expect(shape(two, null, true)).toEqual(["fl", "Dfl"]);
});
test("the marker stands above the first unread message of somebody else, and parts a group", () => {
  n = 0;
  const t = "2026-06-12T05:20:0";
  expect(shape([bubble("a", `${t}1.000Z`), bubble("a", `${t}2.000Z`), bubble("a", `${t}3.000Z`)], 2)).toEqual([
    "Dfl",
    "Mf",
    "l",
  ]);
});
test("a marker above what is loaded is not drawn at the wrong place", () => {
  n = 10;
  expect(shape([bubble("a", "2026-06-12T05:20:01.000Z")], 5, true)).toEqual(["fl"]);
});
test("up to three emoji alone are large", () => {
  expect(["👍", "👨‍👩‍👧‍👦🎉", "🇰🇷", "👍🏽👍👍", "❤️", "✌🏻", "3️⃣", "🏃‍♀️"].map(onlyEmoji)).toEqual(Array(8).fill(true));
  expect(["네 👍", "1", "👍👍👍👍", "", "©", "ㅋㅋ", "12"].map(onlyEmoji)).toEqual(Array(7).fill(false));
});
test("a line stays the same one while nothing about it changes, whatever is said after it", () => {
  n = 0;
  const all = [
    bubble("a", "2026-06-12T05:20:01.000Z"),
    bubble("b", "2026-06-12T05:20:02.000Z"),
    bubble("b", "2026-06-12T05:21:03.000Z"),
  ];
  const before = lines(all, null, false);
  const after = lines([...all, bubble("b", "2026-06-12T05:21:04.000Z")], null, false);
  expect([0, 1].map((i) => after[i] === before[i])).toEqual([true, true]);
  // The time of the group has moved to the new one.
  expect(after[2]).toEqual({ ...before[2], last: false });
});
