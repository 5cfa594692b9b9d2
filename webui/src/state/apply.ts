// The only door for what the server says of a room: the value before and an event give the value
// after. The same event again, or one that is covered already, changes nothing.
import type {
  Cursor,
  Member,
  MembersChanged,
  Message,
  MessageCancelled,
  MessageSent,
  RoomPush,
  SendMessage,
  UserID,
} from "../gen/protocol.ts";
import { ownName, retitle, withWide } from "./naming.ts";
import { counts, cover, isLine, knows, place, type RoomState, recount } from "./room.ts";
import { changed, noticed, unquoted, withoutTaken } from "./wording.ts";

export function never(x: never): never {
  throw new Error(`a case nobody thought of: ${JSON.stringify(x)}`);
}

export function apply(s: RoomState, push: RoomPush, me: UserID): RoomState {
  if (push.rev < s.rev) return s;
  const known = knows(s, push.rev);
  const base = push.since ?? ((push.rev - 1) as typeof push.rev);
  // Beyond a gap it would hide what is missing: only that there is something newer is noted.
  if (push.ev === "message.changed" && base > s.rev) return known ? s : cover(s, push.rev, push.rev);
  // Its line shares the rev, and only with the line is the change complete.
  const lined = push.ev === "room.members" && !push.data.silent;
  const rev = lined ? ((push.rev - 1) as typeof push.rev) : push.rev;
  return cover(change(s, push, me, known), base, rev);
}

function change(s: RoomState, push: RoomPush, me: UserID, known: boolean): RoomState {
  switch (push.ev) {
    case "message.new":
      return arrived(s, push.data, me, known);
    case "message.cancelled":
      return takenBack(s, push.data, me, push.rev, known);
    case "message.changed":
      return known ? s : changed(s, push.data, me, push.rev);
    case "room.notice":
      return noticed(s, push.data.notice, push.rev);
    case "receipts":
      return readOn(s, push.data.cursors, me);
    case "room.members":
      if (push.rev <= s.movedAt) return s;
      return { ...movedMembers(s, push.data, me), movedAt: push.rev };
    case "room.changed":
      return known ? s : withWide(s, push.data, me);
    default:
      return never(push);
  }
}

// A line of the room shares its rev with the change of members it tells of, so a known rev does not
// mean a known message.
function arrived(s: RoomState, fresh: Message, me: UserID, known: boolean): RoomState {
  const { room } = s;
  const m = withoutTaken(fresh, s.taken);
  if (known && m.seq <= room.seq) return s;
  const newest = !room.lastMessage || m.seq >= room.lastMessage.seq;
  return {
    ...s,
    unsure: s.unsure || (isLine(m) && s.movedAt < m.rev),
    messages: s.loaded && !s.taken.has(m.id) && !s.hidden.has(m.id) ? place(s.messages, m) : s.messages,
    room: {
      ...room,
      seq: m.seq > room.seq ? m.seq : room.seq,
      unread: room.unread + (counts(m, room, me) ? 1 : 0),
      ...(newest ? { lastMessage: m, at: m.at } : {}),
    },
  };
}

// sent tells that a message of mine, sent from this browser, is stored.
export function sent(s: RoomState, ask: SendMessage, reply: MessageSent, name: string, me: UserID): RoomState {
  const m: Message = {
    id: reply.id,
    room: reply.room,
    seq: reply.seq,
    rev: reply.rev,
    sender: me,
    senderName: name,
    type: reply.type ?? "talk",
    body: ask.body,
    ...(reply.file ? { file: reply.file } : {}),
    ...(ask.reply ? { reply: ask.reply } : {}),
    ...(reply.quote ? { quote: reply.quote } : {}),
    ...(ask.mentions ? { mentions: ask.mentions } : {}),
    ...(ask.forwarded ? { forwarded: true } : {}),
    ...(ask.urgent ? { urgent: true } : {}),
    at: reply.at,
    unread: Math.max(0, s.room.memberCount - 1 - s.room.members.filter((m) => m.gone).length),
  };
  // A repeat is answered with the rev of the first time, which may lie before everything here.
  if (knows(s, m.rev) && m.seq <= s.room.seq) return s;
  return cover(arrived(s, m, me, false), (m.rev - 1) as typeof m.rev, m.rev);
}

// Those who had not read it never see it again; the others see that it was taken back.
function takenBack(s: RoomState, c: MessageCancelled, me: UserID, rev: Message["rev"], known: boolean): RoomState {
  if (s.taken.has(c.id)) return s;
  const there = s.messages.find((m) => m.id === c.id);
  const last = s.room.lastMessage?.id === c.id ? s.room.lastMessage : undefined;
  const whose = there ?? last;
  const hidden = c.seq > s.room.read && whose?.sender !== me;
  const blank = (m: Message): Message => strip(m, rev);
  const messages = !there
    ? s.messages
    : hidden
      ? s.messages.filter((m) => m !== there)
      : s.messages.map((m) => (m === there ? blank(m) : m));
  let { room } = s;
  let unsure = s.unsure;
  if (last) {
    const before = s.loaded ? messages[messages.length - 1] : undefined;
    if (!hidden) room = { ...room, lastMessage: blank(last) };
    else if (before) room = { ...room, lastMessage: before };
    else {
      const { lastMessage: _, ...rest } = room;
      room = rest;
      unsure = true;
    }
  }
  if (!known) {
    if (whose) {
      if (counts(whose, s.room, me)) room = { ...room, unread: Math.max(0, room.unread - 1) };
    } else if (c.seq > room.read) unsure = true;
  }
  return unquoted({ ...s, messages, room, unsure, taken: new Set([...s.taken, c.id]) }, c.id, rev);
}

// strip is what is left of a message that was taken back.
export function strip(m: Message, rev: Message["rev"]): Message {
  const {
    reply: _r,
    quote: _q,
    people: _p,
    mentions: _m,
    reactions: _e,
    edited: _d,
    forwarded: _f,
    urgent: _u,
    preview: _v,
    file: _i,
    ...rest
  } = m;
  return { ...rest, body: "", cancelled: true, unread: 0, rev };
}

export function readOn(s: RoomState, cursors: readonly Cursor[], me: UserID): RoomState {
  const to = new Map(cursors.map((c) => [c.user, c.seq]));
  let moved = false;
  const members = s.room.members.map((m) => {
    const seq = to.get(m.id);
    if (seq === undefined || seq <= m.read) return m;
    moved = true;
    return { ...m, read: seq };
  });
  const mine = to.get(me);
  const read = mine !== undefined && mine > s.room.read ? mine : s.room.read;
  if (!moved && read === s.room.read) return s;
  const next = { ...s, room: { ...s.room, members: moved ? members : s.room.members, read } };
  return read === s.room.read ? next : recount(next, me);
}

export function movedMembers(s: RoomState, { members: changed, count, master }: MembersChanged, me: UserID): RoomState {
  const by = new Map(changed.map((m) => [m.id, m]));
  const members: Member[] = [];
  for (const m of s.room.members) {
    const now = by.get(m.id);
    by.delete(m.id);
    if (!now) members.push(m);
    else if (!now.left) members.push({ ...now, read: now.read > m.read ? now.read : m.read });
  }
  for (const m of by.values()) if (!m.left) members.push(m);
  const mine = changed.find((m) => m.id === me);
  const { self: _, ...room } = s.room;
  const next: RoomState = {
    ...s,
    gone: mine ? mine.left === true : s.gone,
    whole: s.whole && members.length >= count,
    room: { ...room, members, memberCount: count, ...(master ? { master } : {}) },
  };
  return room.named ? next : retitle(next, ownName(room), me);
}
