// When this device speaks up, and why: the reader of the generated table. It knows no popup, no clock
// and no screen; gathering the facts is the caller's business.
import {
  type Fact,
  idleFor,
  type Level,
  type Line,
  lastLines,
  lines,
  order,
  presentFor,
  readingFor,
  sumLines,
  type Then,
} from "../gen/notify.ts";
import type { Attention, Device, MessageType, RoomID } from "../gen/protocol.ts";

export interface Situation {
  readonly message: {
    readonly type: MessageType;
    readonly mine?: boolean;
    readonly cancelled?: boolean;
    readonly invitedMe?: boolean;
    readonly mentioned?: boolean;
    readonly everybody?: boolean;
    readonly replyToMe?: boolean;
    readonly urgent?: boolean;
    readonly read?: boolean;
    readonly answered?: boolean;
  };
  readonly room: { readonly id: RoomID; readonly muted?: boolean; readonly mentionsOnly?: boolean };
  readonly mine: {
    readonly off?: boolean;
    readonly quiet?: boolean;
    readonly awayAfter?: number;
    readonly urgentOff?: boolean; // urgent messages wait like all others
  };
  readonly devices: readonly DeviceFacts[]; // the newest report first
}

export interface DeviceFacts {
  readonly kind: Device;
  readonly self?: boolean;
  readonly room?: RoomID | "";
  readonly focused?: boolean;
  readonly idle?: number;
  readonly locked?: boolean;
  readonly quiet?: boolean;
  readonly unable?: boolean; // to show notifications of the system
  readonly held?: boolean; // its system shows none just now, or a program fills its screen
}

export interface Verdict {
  readonly then: Then;
  readonly why: string;
  readonly markRead?: boolean;
  readonly later?: boolean;
}

export function report(kind: Device, a: Attention, self: boolean, now: number): DeviceFacts {
  return {
    kind,
    self,
    room: a.room,
    focused: a.focused,
    idle: a.idle,
    locked: a.locked,
    quiet: a.quiet !== "" && Date.parse(a.quiet) > now,
    unable: a.unable === true,
    held: a.held === true,
  };
}

export function levelOf(d: DeviceFacts, room: RoomID, awayAfter?: number): Level {
  const idle = d.idle ?? 0;
  const present = awayAfter || presentFor;
  if (d.locked) return "D";
  if (d.focused && d.room === room && idle < readingFor) return "A";
  if (idle < present) return "B";
  return idle < present + idleFor ? "C" : "D";
}

// primaryOf returns the device that speaks at once: the first rank that some device has, there the newest.
export function primaryOf(devices: readonly DeviceFacts[], room: RoomID, awayAfter?: number): DeviceFacts | undefined {
  for (const r of order) {
    const found = devices.find(
      (d) =>
        !d.locked &&
        (!d.unable || (d.kind === "web" && d.focused === true)) &&
        levelOf(d, room, awayAfter) === r.level &&
        (r.kind === "" || d.kind === r.kind) &&
        (!r.focused || d.focused === true),
    );
    if (found) return found;
  }
  return undefined;
}

export function factsOf(s: Situation): ReadonlyMap<Fact, boolean> {
  const at = (d: DeviceFacts): Level => levelOf(d, s.room.id, s.mine.awayAfter);
  const primary = primaryOf(s.devices, s.room.id, s.mine.awayAfter);
  const self = s.devices.find((d) => d.self);
  return new Map<Fact, boolean>([
    ["mine", s.message.mine === true],
    ["leave", s.message.type === "leave"],
    ["invite", s.message.type === "invite"],
    ["invited me", s.message.invitedMe === true],
    ["cancelled", s.message.cancelled === true],
    ["read", s.message.read === true],
    ["answered", s.message.answered === true],
    ["personal", s.message.mentioned === true || s.message.replyToMe === true],
    ["everybody", s.message.everybody === true],
    ["urgent", s.message.urgent === true && s.mine.urgentOff !== true],
    ["off", s.mine.off === true],
    ["quiet", s.mine.quiet === true],
    ["muted", s.room.muted === true],
    ["mentions only", s.room.mentionsOnly === true],
    ["watched", s.devices.some((d) => at(d) === "A")],
    ["do not disturb", s.devices.some((d) => d.quiet === true)],
    ["watched here", self !== undefined && at(self) === "A"],
    ["locked", self?.locked === true],
    ["web", self?.kind === "web"],
    ["held", primary?.held === true],
    ["unable", self?.unable === true],
    ["facing", self?.focused === true],
    ["gone", self !== undefined && at(self) === "D"],
    ["primary", self !== undefined && primary === self],
    ["primary present", primary !== undefined && at(primary) === "B"],
  ]);
}

// decide reads the lines from the top; lastLook does so once more just before the device speaks.
export function decide(s: Situation): Verdict {
  return read(lines, s);
}

export function lastLook(s: Situation): Verdict {
  return read(lastLines, s);
}

// sum decides whether this device speaks once of what was kept back.
export function sum(s: Situation): Verdict {
  return read(sumLines, s);
}

// told reports whether the device that has decided so about a message, the newest verdict last, has told the person of it.
export function told(decided: readonly { readonly then: string }[]): boolean {
  const last = decided.at(-1)?.then;
  return last === "speak" || last === "banner";
}

function read(table: readonly Line[], s: Situation): Verdict {
  const facts = factsOf(s);
  for (const l of table) {
    if (l.if.every((f) => facts.get(f)) && !l.unless.some((f) => facts.get(f))) {
      return { then: l.then, why: l.why, ...(l.markRead && { markRead: true }), ...(l.later && { later: true }) };
    }
  }
  throw new Error("notify: the last line of a table always holds");
}
