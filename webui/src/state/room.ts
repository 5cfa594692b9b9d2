// What is known of one room, as a value. Nothing here fetches, sends or waits.
import type { Message, MessageID, Rev, Room, Seq, UserID } from "../gen/protocol.ts";

// Changes that are known although some before them are not yet: everything after base up to rev.
export interface Span {
  readonly base: Rev;
  readonly rev: Rev;
}

export interface RoomState {
  readonly room: Room; // members hold the cursors; all of them when `whole`
  readonly rev: Rev; // everything up to here is in this value
  readonly ahead: readonly Span[];
  readonly whole: boolean;
  readonly loaded: boolean; // messages is a window that reaches to the newest message
  readonly more: boolean; // there are older ones
  readonly messages: readonly Message[]; // ascending by seq
  readonly taken: ReadonlySet<MessageID>; // taken back, as far as heard: a page read earlier may still hold them
  readonly hidden: ReadonlySet<MessageID>; // deleted for me, likewise
  readonly changes: ReadonlyMap<MessageID, Rev>; // edits and reactions heard, likewise
  readonly movedAt: Rev; // the last change of members that was heard
  readonly unsure: boolean; // title, last message or unread number need a word from the server
  readonly gone: boolean; // I am no longer in it
}

export function fromRoom(room: Room): RoomState {
  return {
    room,
    rev: room.rev,
    ahead: [],
    whole: room.members.length >= room.memberCount,
    loaded: false,
    more: true,
    messages: [],
    taken: new Set(),
    hidden: new Set(),
    changes: new Map(),
    movedAt: room.rev,
    unsure: false,
    gone: false,
  };
}

export function isLine(m: Message): boolean {
  return m.type === "invite" || m.type === "leave";
}

// counts reports whether m is one that I have to read.
export function counts(m: Message, room: Room, me: UserID): boolean {
  return m.sender !== me && !isLine(m) && !m.cancelled && m.seq > room.read && m.seq > (room.from ?? 0);
}

// place puts m where its seq belongs. What is there already stays unless m is newer.
export function place(messages: readonly Message[], m: Message): readonly Message[] {
  let at = messages.length;
  while (at > 0 && (messages[at - 1] as Message).seq > m.seq) at--;
  const there = messages[at - 1];
  if (there && there.seq === m.seq) {
    if (m.rev <= there.rev) return messages;
    return [...messages.slice(0, at - 1), m, ...messages.slice(at)];
  }
  return at === messages.length ? [...messages, m] : [...messages.slice(0, at), m, ...messages.slice(at)];
}

// cover notes that everything after base up to rev is known, and closes gaps that this fills.
export function cover(s: RoomState, base: Rev, rev: Rev): RoomState {
  let at = s.rev;
  let ahead: readonly Span[] = base > at ? [...s.ahead, { base, rev }] : s.ahead;
  if (base <= at && rev > at) at = rev;
  for (;;) {
    const next = ahead.find((p) => p.base <= at);
    if (!next) break;
    ahead = ahead.filter((p) => p !== next);
    if (next.rev > at) at = next.rev;
  }
  return at === s.rev && ahead === s.ahead ? s : { ...s, rev: at, ahead };
}

// knows reports whether the change rev is in this value already.
export function knows(s: RoomState, rev: Rev): boolean {
  return rev <= s.rev || s.ahead.some((p) => p.base < rev && rev <= p.rev);
}

// recount derives the unread number from the window where it reaches back far enough.
export function recount(s: RoomState, me: UserID): RoomState {
  const { room } = s;
  let unread = room.unread;
  let unsure = s.unsure;
  if (room.read >= room.seq) {
    unread = 0;
  } else if (reaches(s, room.read)) {
    unread = s.messages.reduce((n, m) => n + (counts(m, room, me) ? 1 : 0), 0);
  } else {
    unsure = true;
  }
  if (unread === room.unread && unsure === s.unsure) return s;
  return { ...s, unsure, room: { ...room, unread } };
}

// reaches reports whether the window holds everything after seq.
export function reaches(s: RoomState, seq: Seq): boolean {
  return s.loaded && (!s.more || (s.messages[0]?.seq ?? Number.POSITIVE_INFINITY) <= seq + 1);
}
