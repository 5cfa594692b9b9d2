// Whether a message is worth interrupting for, asked of the shared rule with what this browser knows.
// Only the tab that holds the socket decides; it knows what all tabs and my other devices say.
import { type Signal, signal } from "@preact/signals-core";
import { waitFor } from "../gen/notify.ts";
import type { DeviceAttention, Message, RoomID, Seq, SessionID, User } from "../gen/protocol.ts";
import { decide, lastLook, report, type Situation, type Verdict } from "../rules/notify.ts";
import { say } from "../text/say.ts";
import type { Banner } from "./face.ts";
import type { Clock, Page, Popups, Wire } from "./parts.ts";
import { isLine, type RoomState } from "./room.ts";
import type { Rooms } from "./rooms.ts";

// A line that was away shorter than this is as if it had never been.
export const shortGap = 3000;
const bannerFor = 6000;

interface Around {
  readonly rooms: Rooms;
  readonly wire: Wire;
  readonly page: Page;
  readonly popups: Popups;
  readonly clock: Clock;
  readonly me: () => User | null;
  readonly open: (room: RoomID) => void;
  readonly wanted: () => boolean; // false: the tray speaks, or the person does not want it
}

export class Alerts {
  readonly banner: Signal<Banner | null> = signal(null);
  private readonly others = new Map<SessionID, { a: DeviceAttention; at: number }>();
  private readonly alerted = new Map<RoomID, Seq>();
  private readonly shown = new Set<RoomID>();
  private hide: () => void = () => {};
  private quiet = true; // what the first load and a long gap bring is no news

  constructor(private readonly around: Around) {}

  reset(): void {
    this.others.clear();
    this.alerted.clear();
    for (const room of this.shown) this.around.popups.close(room);
    this.shown.clear();
    this.dismiss();
    this.quiet = true;
  }

  // catching says that a catch-up begins, after the line was away for so many ms.
  catching(away: number, devices: readonly DeviceAttention[]): void {
    this.quiet = away > shortGap;
    this.others.clear();
    for (const d of devices) this.hear(d);
  }

  caughtUp(): void {
    this.quiet = false;
  }

  hear(a: DeviceAttention): void {
    this.others.delete(a.session);
    if (!a.gone) this.others.set(a.session, { a, at: this.around.clock.now() });
  }

  // knowsOf: another tab has alerted up to seq, while it held the socket.
  knowsOf(room: RoomID, seq: Seq): void {
    if (seq > (this.alerted.get(room) ?? 0)) this.alerted.set(room, seq);
  }

  changed(before: RoomState | undefined, after: RoomState): void {
    const { room } = after;
    if (room.unread === 0) this.withdraw(room.id);
    const last = room.lastMessage;
    if (!last || room.seq <= (before?.room.seq ?? 0) || last.seq <= (this.alerted.get(room.id) ?? 0)) return;
    if (this.quiet) {
      this.alerted.set(room.id, last.seq);
      return;
    }
    if (!this.around.wire.leads()) return;
    const verdict = decide(this.situation(after, last));
    if (verdict.then === "wait") this.around.clock.after(waitFor, () => this.look(room.id, last));
    else if (verdict.then === "speak" || verdict.then === "banner") this.look(room.id, last);
  }

  show(banner: Banner): void {
    if (!this.around.page.focused.peek() || this.around.page.room.peek() === banner.room) return;
    this.hide();
    this.banner.value = banner;
    this.hide = this.around.clock.after(bannerFor, () => this.dismiss());
  }

  dismiss(): void {
    this.hide();
    this.banner.value = null;
  }

  withdraw(room: RoomID): void {
    if (this.shown.delete(room)) this.around.popups.close(room);
    if (this.banner.peek()?.room === room) this.dismiss();
  }

  // look is the last look, just before speaking.
  private look(room: RoomID, m: Message): void {
    const s = this.around.rooms.of(room).peek();
    if (!s || m.seq <= (this.alerted.get(room) ?? 0)) return;
    this.carryOut(lastLook(this.situation(s, m)), s, m);
  }

  private carryOut(verdict: Verdict, s: RoomState, m: Message): void {
    if (verdict.then !== "speak" && verdict.then !== "banner") return;
    const room = s.room.id;
    this.alerted.set(room, m.seq);
    this.around.wire.tell({ kind: "alerted", room, seq: m.seq });
    if (!this.around.wanted()) return;
    const banner = this.words(s, m);
    if (verdict.then === "banner") {
      this.show(banner);
      this.around.wire.tell({ kind: "banner", banner });
      return;
    }
    this.shown.add(room);
    this.around.popups.show(banner, () => {
      this.shown.delete(room);
      this.around.open(room);
    });
  }

  private situation(s: RoomState, m: Message): Situation {
    const { clock, wire } = this.around;
    const me = this.around.me()?.id;
    const now = clock.now();
    const self = wire.attended();
    const devices = [...this.others.values()].map(({ a, at }) => ({ d: report(a.device, a, false, now), at }));
    devices.push({ d: report("web", self.attention, true, now), at: self.at });
    devices.sort((a, b) => b.at - a.at);
    const answered = m.reply ? s.messages.find((x) => x.id === m.reply) : undefined;
    return {
      message: {
        type: m.type,
        mine: m.sender === me,
        cancelled: m.cancelled === true || s.taken.has(m.id),
        invitedMe: m.people?.some((p) => p.id === me) === true,
        replyToMe: answered !== undefined && answered.sender === me,
        read: s.room.read >= m.seq,
      },
      room: { id: s.room.id, ...(s.room.muted ? { muted: true } : {}) },
      mine: {},
      devices: devices.map((x) => x.d),
    };
  }

  private words(s: RoomState, m: Message): Banner {
    const pair = s.room.memberCount <= 2 && !s.room.named;
    const text = isLine(m) ? say("notify.invited", { name: m.senderName }) : m.body;
    const body = pair || isLine(m) ? text : `${m.senderName}: ${text}`;
    return { room: s.room.id, title: pair ? m.senderName : s.room.title, body };
  }
}
