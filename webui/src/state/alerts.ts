// Whether a message is worth interrupting for, asked of the shared rule with what this browser knows.
// Only the tab that holds the socket decides; it knows what all tabs and my other devices say.
import type { Signal } from "@preact/signals-core";
import { oneSoundFor, shortGap, waitFor } from "../gen/notify.ts";
import type {
  Decided,
  DeviceAttention,
  Hello,
  Holiday,
  Holidays,
  Message,
  MessagesPage,
  NotifySettings,
  Place,
  Push,
  Room,
  RoomID,
  Seq,
  SessionID,
  User,
  UserID,
} from "../gen/protocol.ts";
import { afterBreak, type Kept, loud, type Named, summarize, wordingOf } from "../rules/missed.ts";
import { decide, lastLook, report, type Situation, sum, type Verdict } from "../rules/notify.ts";
import { type Calendar, holidayDay, quietEnd, quietNow } from "../rules/quiet.ts";
import { say } from "../text/say.ts";
import { Doubts } from "./doubts.ts";
import type { Answers, Banner } from "./face.ts";
import type { Clock, Http, Page, Popups, Verdicts, Wire } from "./parts.ts";
import { Reasons } from "./reasons.ts";
import { isLine, type RoomState } from "./room.ts";
import type { Rooms } from "./rooms.ts";
import { Whether } from "./whether.ts";

const bannerFor = 6000;
const summary = "/" as RoomID; // stands for what belongs to no room

// before is up to where a room was told of when m came.
const before = (m: Message): Seq => (m.seq - 1) as Seq;

const isMuted = (r: Room): boolean => r.notify === "none" || r.muted === true;

export interface Around {
  readonly rooms: Rooms;
  readonly wire: Wire;
  readonly http: Http;
  readonly page: Page;
  readonly popups: Popups;
  readonly clock: Clock;
  readonly verdicts: Verdicts;
  readonly banner: Signal<Banner | null>;
  readonly mine: Signal<NotifySettings | null>;
  readonly holidays: Signal<readonly Holiday[]>;
  readonly answers: Signal<Answers>;
  readonly me: () => User | null;
  readonly open: (room: RoomID | null) => void;
  readonly sound: () => string;
  readonly stays: () => boolean;
  readonly tray: () => boolean; // the tray speaks, decides, and keeps the verdicts
}

// named is which rooms a summary is of: "Sales 12 · Kim 3 · 2 more".
const named = (names: readonly Named[], more: number): string =>
  [
    ...names.map(({ name, messages: n }) => say("toast.summary.room", { name, n })),
    ...(more > 0 ? [say("toast.summary.more", { n: more })] : []),
  ].join(" · ");

export class Alerts {
  private resting = false; // the holidays are known
  private readonly others = new Map<SessionID, { a: DeviceAttention; at: number }>();
  private readonly alerted = new Map<RoomID, Seq>();
  private readonly shown = new Map<RoomID, number>(); // when it last made a sound
  private readonly standing = new Map<RoomID, Message>(); // what stands there
  // Kept for a summary: whether somebody spoke to me there, and whether something is urgent.
  private readonly later = new Map<RoomID, { readonly personal: boolean; readonly urgent: boolean }>();
  // What came while another tab held the socket. That tab may be closed before it has decided.
  private readonly elsewhere = new Map<RoomID, readonly { readonly m: Message; readonly at: number }[]>();
  // Another device may have told of it; they are asked.
  private readonly doubts = new Doubts();
  private readonly whether: Whether;
  readonly reasons: Reasons;
  private session: SessionID | null = null; // ours
  private hide: () => void = () => {};
  private stopQuiet: () => void = () => {};
  private quiet = true; // what the first load and a long gap bring is no news
  private catchingUp = false;

  constructor(private readonly around: Around) {
    this.whether = new Whether(around);
    this.reasons = new Reasons(around);
  }

  reset(): void {
    this.others.clear();
    this.alerted.clear();
    for (const room of this.shown.keys()) this.around.popups.close(room);
    this.shown.clear();
    this.standing.clear();
    this.later.clear();
    this.elsewhere.clear();
    this.whether.stop();
    this.doubts.clear();
    this.around.mine.value = null;
    this.around.holidays.value = [];
    this.resting = false;
    this.dismiss();
    this.quiet = true;
  }

  // catching says that a catch-up begins, after the line was away for so many ms.
  catching(away: number, { session, attention = [] }: Hello): void {
    this.quiet = afterBreak("web", away, []).live !== true;
    this.catchingUp = true;
    this.session = session;
    this.others.clear();
    for (const d of attention) this.note(d);
    this.resting = false;
    void this.askMine();
  }

  caughtUp(): void {
    this.quiet = false;
    this.catchingUp = false;
    if (!this.around.wire.leads()) return;
    for (const all of this.elsewhere.values()) for (const { m } of this.recent(all)) this.doubts.came(before(m), m);
    this.elsewhere.clear();
    this.doubts.unread = this.around.rooms.unread;
    for (const { room } of this.doubts.each()) this.doubts.tell(room, this.alerted.get(room) ?? (0 as Seq));
    const of = this.doubts
      .each()
      .flatMap(({ room, apart, last }) => [...apart, last.seq].map((seq): Place => ({ room, seq })));
    if (of.length > 0) this.whether.ask(of, this.others.size, (told) => this.settle(told));
  }

  // settle considers what none of my devices has told of.
  private settle(told: readonly Place[]): void {
    for (const { room, seq } of told) {
      if (!this.doubts.tell(room, seq)) continue;
      this.knowsOf(room, seq);
      this.around.wire.tell({ kind: "alerted", room, seq });
    }
    const left = this.doubts.each();
    this.doubts.clear();
    for (const { told, apart, last } of left) {
      if (apart.length > 0) void this.settleApart(told, apart, last);
      else this.settleOne(last);
    }
  }

  // settleApart considers what stands apart before the newest message. Without an answer it stays in doubt.
  private async settleApart(told: Seq, apart: readonly Seq[], last: Message): Promise<void> {
    const { rooms, http } = this.around;
    const { room } = last;
    for (const seq of apart) {
      let m = rooms
        .of(room)
        .peek()
        ?.messages.find((x) => x.seq === seq);
      if (!m) {
        const path = `rooms/${encodeURIComponent(room)}/messages?before=${seq + 1}&limit=1`;
        const page = await http.get<MessagesPage>(path);
        if (page.error) {
          this.doubts.came(told, last);
          return;
        }
        m = page.data.messages.find((x) => x.seq === seq);
      }
      if (m) this.settleOne(m);
    }
    this.settleOne(last);
  }

  private settleOne(m: Message): void {
    const s = this.around.rooms.of(m.room).peek();
    // Of a line nothing counts as unread.
    if (s && (s.room.unread > 0 || isLine(m)) && m.seq > (this.alerted.get(m.room) ?? 0)) this.consider(s, m);
  }

  // recent are those of which another tab may not have decided yet.
  private recent<T extends { readonly at: number }>(all: readonly T[] = []): T[] {
    const since = this.around.clock.now() - shortGap;
    return all.filter(({ at }) => at >= since);
  }

  hear(
    push: Extract<
      Push,
      { ev: "attention" | "me.settings" | "holidays" | "alert.why" | "alert.because" | "alert.whether" | "alert.told" }
    >,
  ): void {
    switch (push.ev) {
      case "attention":
        this.note(push.data);
        return;
      case "me.settings":
        this.choose(push.data);
        return;
      case "holidays":
        this.around.holidays.value = push.data.holidays;
        this.resting = true;
        this.summarize();
        return;
      case "alert.why":
        if (this.around.wire.leads() && !this.around.tray()) void this.reasons.answer(push.data);
        return;
      case "alert.because":
        if (push.data.to === this.session) this.reasons.hear(push.data);
        return;
      case "alert.whether":
        if (this.around.wire.leads() && !this.around.tray()) void this.whether.answer(push.data);
        return;
      case "alert.told":
        if (push.data.to === this.session) this.whether.hear(push.data);
    }
  }

  private note(a: DeviceAttention): void {
    this.others.delete(a.session);
    if (!a.gone) this.others.set(a.session, { a, at: this.around.clock.now() });
    this.summarize(); // where that one was held, or paused
  }

  private async askMine(): Promise<void> {
    const answer = await this.around.http.get<NotifySettings>("me/settings");
    if (!answer.data) return;
    await this.rest(answer.data); // first, so that a holiday is one from the beginning
    this.choose(answer.data);
  }

  // rest asks on which days the company rests, where the quiet hours name them.
  private async rest(mine: NotifySettings): Promise<void> {
    if (this.resting || !mine.quietHours.some((h) => h.days.includes(holidayDay))) return;
    const answer = await this.around.http.get<Holidays>("holidays");
    if (!answer.data || this.resting) return;
    this.resting = true;
    this.around.holidays.value = answer.data.holidays;
  }

  private choose(mine: NotifySettings): void {
    this.around.mine.value = mine;
    void this.rest(mine);
    if (mine.notifyOff) for (const room of [...this.shown.keys()]) this.withdraw(room);
    this.summarize();
  }

  // knowsOf: another tab has alerted up to seq, while it held the socket.
  knowsOf(room: RoomID, seq: Seq): void {
    if (seq > (this.alerted.get(room) ?? 0)) this.alerted.set(room, seq);
    const left = (this.elsewhere.get(room) ?? []).filter(({ m }) => m.seq > seq);
    if (left.length > 0) this.elsewhere.set(room, left);
    else this.elsewhere.delete(room);
  }

  changed(was: RoomState | undefined, after: RoomState): void {
    const { room } = after;
    if (room.unread === 0) this.withdraw(room.id);
    else this.recheck(after);
    const last = room.lastMessage;
    if (!last || room.seq <= (was?.room.seq ?? 0) || last.seq <= (this.alerted.get(room.id) ?? 0)) return;
    if (this.quiet) {
      this.alerted.set(room.id, last.seq);
      return;
    }
    if (this.around.tray()) return;
    if (!this.around.wire.leads()) {
      const at = this.around.clock.now();
      this.elsewhere.set(room.id, [...this.recent(this.elsewhere.get(room.id)), { m: last, at }]);
    } else if (this.catchingUp) this.doubts.came(was?.room.seq ?? before(last), last);
    else this.consider(after, last);
  }

  private consider(s: RoomState, m: Message): void {
    const verdict = decide(this.situation(s, m));
    this.judge(m, verdict);
    if (verdict.then === "wait") this.around.clock.after(waitFor, () => this.look(m.room, m));
    else if (verdict.then === "speak" || verdict.then === "banner") this.look(m.room, m);
  }

  show(banner: Banner): void {
    if (!this.around.page.focused.peek() || this.around.page.room.peek() === banner.room) return;
    this.hide();
    this.around.banner.value = banner;
    this.hide = this.around.clock.after(bannerFor, () => this.dismiss());
  }

  dismiss(): void {
    this.hide();
    this.around.banner.value = null;
  }

  withdraw(room: RoomID): void {
    this.standing.delete(room);
    if (this.shown.delete(room)) this.around.popups.close(room);
    if (this.around.banner.peek()?.room === room) this.dismiss();
  }

  // recheck keeps what stands there true: it is reworded with its message, and goes with it.
  private recheck(s: RoomState): void {
    const { id, lastMessage } = s.room;
    const told = this.standing.get(id);
    if (!told) return;
    if (s.taken.has(told.id) || s.hidden.has(told.id)) {
      this.withdraw(id);
      return;
    }
    const now = s.messages.find((m) => m.id === told.id) ?? (lastMessage?.id === told.id ? lastMessage : told);
    if (now.body === told.body) return;
    this.standing.set(id, now);
    this.around.popups.reword(this.words(s, now));
  }

  // look is the last look, just before speaking.
  private look(room: RoomID, m: Message): void {
    const s = this.around.rooms.of(room).peek();
    if (!s || m.seq <= (this.alerted.get(room) ?? 0)) return;
    const verdict = lastLook(this.situation(s, m));
    this.judge(m, verdict);
    this.carryOut(verdict, s, m);
  }

  // judge keeps the line that decided, without a word of the message.
  private judge(m: Message, v: Verdict): void {
    this.around.verdicts.add(m.room, m.seq, {
      at: new Date(this.around.clock.now()).toISOString() as Decided["at"],
      then: v.then,
      why: v.why,
    });
    if (!v.later) return;
    const old = this.later.get(m.room);
    const urgent = m.urgent === true && this.around.mine.peek()?.urgentOff !== true;
    this.later.set(m.room, { personal: old?.personal || this.personal(m), urgent: old?.urgent || urgent });
    this.awaitQuiet();
  }

  // personal reports whether m speaks to me, as far as I want to hear of its room.
  private personal(m: Message): boolean {
    const s = this.around.rooms.of(m.room).peek();
    if (!s) return false;
    const to = this.situation(s, m).message;
    return to.mentioned === true || to.replyToMe === true || (to.everybody === true && !isMuted(s.room));
  }

  private awaitQuiet(): void {
    this.stopQuiet();
    const { clock } = this.around;
    const ends = [quietEnd(this.calendar(), clock.now())];
    for (const { a } of this.others.values()) if (a.quiet !== "") ends.push(Date.parse(a.quiet));
    const next = ends.filter((end) => end > clock.now());
    if (next.length > 0) this.stopQuiet = clock.after(Math.min(...next) - clock.now() + 50, () => this.summarize());
  }

  // summarize speaks once of what was kept back, if this is the device to do so.
  private summarize(): void {
    const { rooms, wire, popups } = this.around;
    if (this.later.size === 0 || !wire.leads()) return;
    const decided = (urgent: boolean): Verdict =>
      sum({
        message: { type: "talk", urgent },
        room: { id: "" as RoomID },
        mine: this.chosen(),
        devices: this.devices(),
      });
    let verdict = decided(false);
    let first = false; // what is urgent goes before the rest
    if (verdict.later) {
      first = [...this.later.values()].some((k) => k.urgent);
      verdict = decided(first);
    }
    if (verdict.later) {
      this.awaitQuiet();
      return;
    }
    const told = [...this.later].filter(([, k]) => !first || k.urgent);
    const hidden = this.around.mine.peek()?.hideSender === true;
    const kept = told.flatMap(([id, k]): Kept[] => {
      this.later.delete(id);
      const r = rooms.of(id).peek()?.room;
      if (!r) return [];
      return [
        {
          unread: r.unread,
          muted: isMuted(r),
          mentionsOnly: r.notify === "mentions",
          name: hidden ? "" : r.title,
          ...k,
        },
      ];
    });
    const { rooms: n, messages, personal, urgent, names = [], more = 0 } = summarize(kept);
    if (n === 0 || verdict.then !== "speak") return;
    const body = [
      ...(urgent > 0 ? [say("toast.summary.urgent", { n: urgent })] : []),
      ...(personal > 0 ? [say("toast.summary.personal", { n: personal })] : []),
      say("toast.summary", { rooms: n, messages }),
      ...(names.length > 0 ? [named(names, more)] : []),
    ].join("\n");
    this.shown.set(summary, this.around.clock.now());
    popups.show(
      {
        room: summary,
        title: "Sendjay",
        body,
      },
      () => this.around.open(null),
      this.around.sound(),
      this.around.stays(),
    );
  }

  private carryOut(verdict: Verdict, s: RoomState, m: Message): void {
    if (verdict.then !== "speak" && verdict.then !== "banner") return;
    const room = s.room.id;
    this.alerted.set(room, m.seq);
    this.around.wire.tell({ kind: "alerted", room, seq: m.seq });
    const banner = this.words(s, m);
    if (verdict.then === "banner") {
      this.show(banner);
      this.around.wire.tell({ kind: "banner", banner });
      return;
    }
    const now = this.around.clock.now();
    const last = this.shown.get(room);
    const sounds = loud(last !== undefined, now - (last ?? -oneSoundFor));
    this.shown.set(room, sounds ? now : (last ?? now));
    this.standing.set(room, m);
    this.around.popups.show(
      banner,
      () => {
        this.shown.delete(room);
        this.standing.delete(room);
        this.around.open(room);
      },
      sounds ? this.around.sound() : "none",
      this.around.stays(),
    );
  }

  private calendar(): Calendar {
    return { hours: this.around.mine.peek()?.quietHours ?? [], holidays: this.around.holidays.peek() };
  }

  private chosen(): Situation["mine"] {
    const mine = this.around.mine.peek();
    return {
      off: mine?.notifyOff === true,
      quiet: quietNow(this.calendar(), this.around.clock.now()),
      awayAfter: mine?.awayAfter ?? 0,
      urgentOff: mine?.urgentOff === true,
    };
  }

  private devices(): Situation["devices"] {
    const now = this.around.clock.now();
    const self = this.around.wire.attended();
    const all = [...this.others.values()].map(({ a, at }) => ({ d: report(a.device, a, false, now), at }));
    all.push({ d: report("web", self.attention, true, now), at: self.at });
    return all.sort((a, b) => b.at - a.at).map((x) => x.d);
  }

  private situation(s: RoomState, m: Message): Situation {
    const me = this.around.me()?.id;
    const answered = m.reply ? s.messages.find((x) => x.id === m.reply) : undefined;
    const { notify } = s.room;
    return {
      message: {
        type: m.type,
        mine: m.sender === me,
        cancelled: m.cancelled === true || s.taken.has(m.id),
        invitedMe: m.people?.some((p) => p.id === me) === true,
        mentioned: me !== undefined && m.mentions?.includes(me) === true,
        everybody: m.mentions?.includes("*" as UserID) === true,
        replyToMe: (m.quote ?? answered)?.sender === me && me !== undefined,
        urgent: m.urgent === true,
        read: s.room.read >= m.seq,
      },
      room: { id: s.room.id, muted: isMuted(s.room), mentionsOnly: notify === "mentions" },
      mine: this.chosen(),
      devices: this.devices(),
    };
  }

  private words(s: RoomState, m: Message): Banner {
    const mine = this.around.mine.peek();
    const wording = wordingOf(mine?.hideBody === true, mine?.hideSender === true);
    const pair = s.room.memberCount <= 2 && !s.room.named;
    const line = isLine(m);
    const text = line ? say("notify.invited", { name: m.senderName }) : m.body;
    const title = pair ? m.senderName : s.room.title;
    const shown = wording.title ? title : "Sendjay";
    const named = wording.title && !pair && !line ? `${m.senderName}: ${text}` : text;
    return {
      room: s.room.id,
      title: m.urgent ? `${say("toast.urgent")} · ${shown}` : shown,
      body: wording.body && (wording.title || !line) ? named : say("toast.message"),
    };
  }
}
