// What a room is called and how I have set it up, kept by events. A name of my own goes before the one for all, that
// one before the members' names.
import type { Room, RoomMine, RoomWide, UserID } from "../gen/protocol.ts";
import type { RoomState } from "./room.ts";

const shown = 4; // members' names in a title

// defaultTitle joins the others' names as the server does, null where it alone knows.
export function defaultTitle(room: Room, me: UserID): string | null {
  if (room.members.length !== room.memberCount) return null;
  const others = room.members.filter((m) => m.id !== me);
  if (others.length === 0) return null;
  others.sort((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1));
  const names = others.slice(0, shown).map((m) => m.name);
  return names.join(", ") + (others.length > names.length ? ` +${others.length - names.length}` : "");
}

// ownName is the name that only I see, "" for none.
export const ownName = (room: Room): string => (room.own ? room.title : "");

// retitle gives the room the title that follows from its names; own is mine.
export function retitle(s: RoomState, own: string, me: UserID): RoomState {
  const { named: _n, own: _o, ...room } = s.room;
  if (own) return { ...s, room: { ...room, title: own, named: true, own: true } };
  if (room.name) return { ...s, room: { ...room, title: room.name, named: true } };
  const title = defaultTitle(room, me);
  return { ...s, unsure: s.unsure || title === null, room: { ...room, title: title ?? room.title } };
}

// withWide takes in what all members share.
export function withWide(s: RoomState, wide: RoomWide, me: UserID): RoomState {
  const { name = "", master = "" } = s.room;
  if (name === wide.name && master === wide.master) return s;
  const { name: _, ...room } = s.room;
  const next = { ...s, room: { ...room, ...(wide.name ? { name: wide.name } : {}), master: wide.master } };
  return name === wide.name ? next : retitle(next, ownName(s.room), me);
}

// withMine takes in how I have set the room up, unless what is known is newer.
export function withMine(s: RoomState, mine: RoomMine, me: UserID): RoomState {
  if (mine.version < (s.room.mineVersion ?? 0)) return s;
  const next = { ...s, room: setUp(s.room, mine) };
  return mine.name === ownName(s.room) ? next : retitle(next, mine.name, me);
}

// setUp puts it into the room, but for the name.
export function setUp(old: Room, mine: Omit<RoomMine, "room" | "name">): Room {
  const { muted: _m, pinned: _p, panelHidden: _h, ...room } = old;
  return {
    ...room,
    notify: mine.notify,
    ...(mine.notify === "none" ? { muted: true } : {}),
    ...(mine.pinned ? { pinned: mine.pinned } : {}),
    ...(mine.panelHidden ? { panelHidden: true } : {}),
    mineVersion: mine.version,
  };
}

// mineOf and wideOf say the same of a summary.
export function mineOf(room: Room): RoomMine {
  return {
    room: room.id,
    version: room.mineVersion ?? 0,
    name: ownName(room),
    notify: room.notify,
    pinned: room.pinned ?? 0,
    panelHidden: room.panelHidden ?? false,
  };
}
export const wideOf = (room: Room): RoomWide => ({ name: room.name ?? "", master: room.master ?? ("" as UserID) });
