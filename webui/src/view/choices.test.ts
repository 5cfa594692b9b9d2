import { signal } from "@preact/signals-core";
import { beforeAll, expect, test, vi } from "vitest";
import type { Instant, Message, MessageID, Room, RoomID, Seq, UserID } from "../gen/protocol.ts";
import type { App, Bubble } from "../state/app.ts";
import { type Key, say } from "../text/say.ts";
import type * as Choices from "./choices.ts";
import type { Talk } from "./talk.ts";

const hour = 3_600_000;
const kim = "kim" as UserID;
const lee = "lee" as UserID;
const room = { id: "r1" as RoomID, memberCount: 3, master: lee };

function talk(of: Partial<Room> = {}): Talk {
  return {
    app: {
      me: signal({ id: kim, name: "Kim" }),
      windows: signal({ cancel: 24 * hour, edit: hour, transcripts: false, urgent: 0 }),
    } as unknown as App,
    model: { id: room.id, room: signal({ ...room, ...of }) } as unknown as Talk["model"],
    reply: () => {},
    edit: () => {},
    jump: () => {},
  };
}

function bubble(by: UserID, age: number, more: Partial<Message> = {}, state: Bubble["state"] = "sent"): Bubble {
  const message = {
    id: "m1" as MessageID,
    room: room.id,
    seq: 1 as Seq,
    type: "talk",
    body: "hi",
    sender: by,
    at: new Date(Date.now() - age).toISOString() as Instant,
    unread: 0,
    ...more,
  } as Message;
  return { key: message.id, message, state, mine: by === kim };
}

let choices: typeof Choices.choices;
let linkTo: typeof Choices.linkTo;
const keys = [
  ...(["reply", "react", "forward", "copy", "copyLink", "edit", "choose", "hide", "cancel"] as const),
  ...(["resend", "discard"] as const),
].map((k): Key => `view.message.${k}`);
const more: Key[] = ["view.file.save", "view.file.extend", "view.notice.up", "view.notice.down", "view.why.ask"];

// offered are the choices by the keys of their words.
const offered = (b: Bubble, t = talk()): string[] =>
  choices(t, b).map((c) => [...keys, ...more].find((k) => say(k) === c.label)?.replace("view.", "") ?? c.label);

// The page asks for the window's width as soon as it is read.
beforeAll(async () => {
  const nothing = (): void => {};
  vi.stubGlobal("location", { origin: "https://talk.test", pathname: "/" });
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: nothing }));
  vi.stubGlobal("addEventListener", nothing);
  vi.stubGlobal("document", { visibilityState: "visible", hasFocus: () => true, addEventListener: nothing });
  ({ choices, linkTo } = await import("./choices.ts"));
  return () => vi.unstubAllGlobals();
});

test("what I sent can be taken back for 24 hours and edited for as long as the server says", () => {
  expect(offered(bubble(kim, hour / 2))).toEqual(expect.arrayContaining(["message.edit", "message.cancel"]));
  expect(offered(bubble(kim, 2 * hour))).toContain("message.cancel");
  expect(offered(bubble(kim, 2 * hour))).not.toContain("message.edit");
  expect(offered(bubble(kim, 24 * hour - 60_000))).toContain("message.cancel");
  expect(offered(bubble(kim, 24 * hour + 1))).not.toContain("message.cancel");
});

test("what others sent can be neither taken back nor edited, but answered, passed on, copied and asked about", () => {
  const all = offered(bubble(lee, 0));
  expect(all).not.toContain("message.cancel");
  expect(all).not.toContain("message.edit");
  for (const what of [
    "message.reply",
    "message.forward",
    "message.copy",
    "message.copyLink",
    "why.ask",
    "message.hide",
  ])
    expect(all).toContain(what);
});

test("what was taken back is neither answered nor passed on, only cleared away", () => {
  expect(offered(bubble(lee, 0, { cancelled: true, body: "" }))).toEqual(["message.choose", "message.hide"]);
  expect(offered(bubble(kim, 0, { cancelled: true, body: "" }))).toEqual(["message.choose", "message.hide"]);
});

test("a file whose time is over cannot be answered, passed on, saved or kept longer; one that lives can", () => {
  const file = { name: "a.pdf", until: "2030-01-01T00:00:00Z" };
  const kept = offered(bubble(kim, 0, { type: "file", file } as unknown as Partial<Message>));
  expect(kept).toEqual(expect.arrayContaining(["message.reply", "message.forward", "file.save", "file.extend"]));
  expect(kept).not.toContain("message.edit");
  const gone = { ...file, gone: true };
  const over = offered(bubble(kim, 0, { type: "file", file: gone } as unknown as Partial<Message>));
  expect(over).not.toContain("file.save");
  expect(over).not.toContain("file.extend");
  expect(over).not.toContain("message.reply");
  expect(over).not.toContain("message.forward");
});

test("what did not go out is sent again, copied or thrown away; what is on its way is left alone", () => {
  expect(offered(bubble(kim, 0, {}, "failed"))).toEqual(["message.resend", "message.copy", "message.discard"]);
  expect(offered(bubble(kim, 0, {}, "pending"))).toEqual([]);
});

test("in a group the master pins on top, in a pair either one", () => {
  expect(offered(bubble(lee, 0))).not.toContain("notice.up");
  expect(offered(bubble(lee, 0), talk({ master: kim }))).toContain("notice.up");
  expect(offered(bubble(lee, 0), talk({ memberCount: 2 }))).toContain("notice.up");
  const pinned = talk({ master: kim, notice: { id: "m1" } as unknown as NonNullable<Room["notice"]> });
  expect(offered(bubble(lee, 0), pinned)).toContain("notice.down");
});

test("a message's link names its room and itself", () => {
  expect(linkTo("r1", "m1")).toBe("https://talk.test/#/room/r1/message/m1");
});
