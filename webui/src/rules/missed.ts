// What to say after the line was away, and how loud: the readers of the tables in shared/notify.
import { namedRooms, nameRunes, oneSoundFor, shortGap, singleRooms, type Wording, wordings } from "../gen/notify.ts";
import type { Device, RoomID, Seq } from "../gen/protocol.ts";

export interface Missed {
  readonly room: RoomID;
  readonly unread: number;
  readonly muted?: boolean;
  readonly mentionsOnly?: boolean;
  readonly personal?: Seq; // the newest that is not read and mentions or answers me
  readonly urgent?: Seq; // the newest that is not read and is urgent
  readonly invited?: boolean; // nothing to read, but I was brought into the room and have not looked at it
  readonly seq: Seq;
  readonly told?: Seq; // the last one considered before
}

export interface Digest {
  readonly live?: boolean; // as if it came just now
  readonly rooms?: readonly RoomID[]; // one by one
  readonly count?: number; // and one summary of the others
  readonly messages?: number;
}

// A room of which something was kept back; personal: somebody spoke to me in it.
export interface Kept {
  readonly unread: number;
  readonly muted?: boolean;
  readonly mentionsOnly?: boolean;
  readonly personal?: boolean;
  readonly urgent?: boolean; // something in it is urgent
  readonly invited?: boolean; // nothing to read
  readonly name?: string; // what the room is called, where it may be read
}

export interface Summary {
  readonly rooms: number;
  readonly messages: number;
  readonly personal: number; // in how many of the rooms somebody spoke to me
  readonly urgent: number; // in how many something is urgent
  readonly names?: readonly Named[]; // the first: what is urgent, who spoke to me, where most was said
  readonly more?: number; // rooms that are not among them
}

export interface Named {
  readonly name: string;
  readonly messages: number;
}

// summarize counts what was kept back. Of a room of which a person wants to hear little, only what is personal or urgent counts.
export function summarize(kept: readonly Kept[]): Summary {
  let [rooms, messages, personal, urgent] = [0, 0, 0, 0];
  const told: (Named & { readonly rank: number })[] = [];
  for (const k of kept) {
    const little = k.muted || k.mentionsOnly;
    const n = k.unread === 0 ? (k.invited ? 1 : 0) : little ? (k.personal || k.urgent ? 1 : 0) : k.unread;
    if (n === 0) continue;
    rooms++;
    messages += n;
    if (k.personal) personal++;
    if (k.urgent) urgent++;
    if (k.name) told.push({ name: k.name, messages: n, rank: k.urgent ? 0 : k.personal ? 1 : 2 });
  }
  told.sort((a, b) => a.rank - b.rank || b.messages - a.messages || (a.name < b.name ? -1 : 1));
  const names = told.slice(0, namedRooms).map((t) => ({ name: short(t.name), messages: t.messages }));
  const more = names.length > 0 ? rooms - names.length : 0;
  return {
    ...{ rooms, messages, personal, urgent },
    ...(names.length > 0 ? { names } : {}),
    ...(more > 0 ? { more } : {}),
  };
}

function short(name: string): string {
  const all = [...name];
  return all.length > nameRunes ? `${all.slice(0, nameRunes - 1).join("")}…` : name;
}

// apart is what is considered of a room before its newest message, last, the oldest first.
export function apart({ personal, urgent, told }: Pick<Missed, "personal" | "urgent" | "told">, last: Seq): Seq[] {
  const all = [personal, urgent].filter((seq): seq is Seq => seq !== undefined && seq > (told ?? 0) && seq < last);
  return [...new Set(all)].sort((a, b) => a - b);
}

export function afterBreak(kind: Device, away: number, missed: readonly Missed[]): Digest {
  if (away < shortGap) return { live: true };
  if (kind === "web") return {};
  const isNew = (m: Missed, seq: Seq | undefined): boolean => (seq ?? 0) > (m.told ?? 0);
  const fresh = missed.filter(
    (m) =>
      (m.unread > 0 || m.invited) &&
      isNew(m, m.seq) &&
      (isNew(m, m.personal) || isNew(m, m.urgent) || !(m.muted || m.mentionsOnly)),
  );
  if (fresh.length > singleRooms) {
    // What is urgent is told by itself: it may have to be heard when a summary waits.
    const urgent = fresh.filter((m) => isNew(m, m.urgent)).map((m) => m.room);
    const rest = fresh.filter((m) => !isNew(m, m.urgent));
    return {
      ...(urgent.length > 0 ? { rooms: urgent } : {}),
      ...(rest.length > 0 ? { count: rest.length, messages: rest.reduce((n, m) => n + Math.max(m.unread, 1), 0) } : {}),
    };
  }
  return fresh.length > 0 ? { rooms: fresh.map((m) => m.room) } : {};
}

export function loud(standing: boolean, sinceSound: number): boolean {
  return !standing || sinceSound >= oneSoundFor;
}

export function wordingOf(hideBody: boolean, hideSender: boolean): Wording {
  const w = wordings.find((x) => x.hideBody === hideBody && x.hideSender === hideSender);
  if (!w) throw new Error("notify: a variant is missing");
  return w;
}
