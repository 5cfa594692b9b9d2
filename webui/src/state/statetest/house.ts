// A room on a make-believe server: it keeps the promises of the contract in memory, so that tests can
// compare what a client made of events with what the server would say now.
import type {
  ChangesPage,
  Cursor,
  Emoji,
  Instant,
  Member,
  Message,
  MessageChanged,
  MessageHidden,
  MessageID,
  MessageSent,
  Notice,
  Quote,
  Reaction,
  Room,
  RoomID,
  RoomMine,
  RoomPush,
  SendMessage,
  Seq,
  UnreadRoom,
  UserID,
} from "../../gen/protocol.ts";
import { counts, isLine } from "../room.ts";

const n = <T>(x: number): T => x as unknown as T;

interface Row extends Message {
  readonly hiddenFor: ReadonlySet<UserID>;
}

export class House {
  seq = 0;
  rev = 1;
  name = ""; // for all
  master: UserID;
  set: RoomMine; // as I have set it up
  readonly rows: Row[] = [];
  readonly deletions: { id: MessageID; number: number }[] = []; // mine
  hides = 0;
  from = 0;
  pinned: { id: MessageID; by: UserID } | null = null;
  noticeRev = 0;
  readonly members = new Map<UserID, Member & { rev: number }>();

  constructor(
    readonly me: UserID,
    others: readonly UserID[],
    readonly id = "r1" as RoomID,
  ) {
    this.master = me;
    this.set = { room: id, version: 0, name: "", notify: "all", pinned: 0, panelHidden: false };
    for (const u of [me, ...others]) this.members.set(u, { id: u, name: u, read: n(0), from: n(0), rev: 1 });
  }

  active(): Member[] {
    return [...this.members.values()].filter((m) => !m.left).map(({ rev: _, ...m }) => m);
  }

  send(
    ask: Pick<SendMessage, "id" | "body"> & { reply?: MessageID },
    by: UserID,
    type: Message["type"] = "talk",
    more: Partial<Message> = {},
  ): Message {
    const again = this.rows.find((r) => r.id === ask.id);
    if (again) return this.seen(again);
    const row: Row = {
      id: ask.id,
      room: this.id,
      seq: n(++this.seq),
      rev: n(++this.rev),
      sender: by,
      senderName: by,
      type,
      body: ask.body,
      ...(ask.reply && this.rows.some((r) => r.id === ask.reply) ? { reply: ask.reply } : {}),
      at: new Date(1_700_000_000_000 + this.seq * 1000).toISOString() as Instant,
      unread: 0,
      ...more,
      hiddenFor: new Set(),
    };
    this.rows.push(row);
    return this.seen(row);
  }

  sentReply(m: Message): MessageSent {
    return { id: m.id, room: m.room, seq: m.seq, rev: m.rev, at: m.at, ...(m.quote ? { quote: m.quote } : {}) };
  }

  newEvent(m: Message): RoomPush {
    return { ev: "message.new", room: this.id, rev: m.rev, data: m };
  }

  read(user: UserID, seq: number): RoomPush | null {
    const m = this.members.get(user);
    if (!m || m.left || Math.min(seq, this.seq) <= m.read) return null;
    const next = { ...m, read: n<Seq>(Math.min(seq, this.seq)), rev: ++this.rev };
    this.members.set(user, next);
    const cursor: Cursor = { user, seq: next.read };
    return { ev: "receipts", room: this.id, rev: n(this.rev), since: n(this.rev - 1), data: { cursors: [cursor] } };
  }

  cancel(id: MessageID): RoomPush | null {
    const at = this.rows.findIndex((r) => r.id === id);
    const row = this.rows[at];
    if (!row || row.cancelled || isLine(row)) return null;
    const hiddenFor = new Set([
      ...row.hiddenFor,
      ...this.active()
        .filter((m) => m.id !== row.sender && m.read < row.seq)
        .map((m) => m.id),
    ]);
    const { reply: _r, edited: _e, reactions: _s, ...rest } = row;
    this.rows[at] = { ...rest, body: "", cancelled: true, hiddenFor, rev: n(++this.rev) };
    this.ripple(id);
    if (this.pinned?.id === id) {
      this.pinned = null;
      this.noticeRev = this.rev;
    }
    return {
      ev: "message.cancelled",
      room: this.id,
      rev: n(this.rev),
      data: { id, room: this.id, seq: row.seq },
    };
  }

  // ripple: what quotes a message reads differently now.
  private ripple(id: MessageID): void {
    this.rows.forEach((r, i) => {
      if (r.reply === id) this.rows[i] = { ...r, rev: n(this.rev) };
    });
  }

  private open(id: MessageID, by: UserID): number {
    return this.rows.findIndex((r) => r.id === id && !r.cancelled && !isLine(r) && !r.hiddenFor.has(by));
  }

  edit(id: MessageID, body: string): RoomPush | null {
    const at = this.rows.findIndex((r) => r.id === id);
    const row = this.rows[at];
    if (!row || this.open(id, row.sender) < 0 || row.body === body) return null;
    const edited = new Date(1_800_000_000_000 + this.rev * 1000).toISOString() as Instant;
    this.rows[at] = { ...row, body, edited, rev: n(++this.rev) };
    this.ripple(id);
    if (this.pinned?.id === id) this.noticeRev = this.rev;
    return this.changedEvent(row, { edit: { body, at: edited } });
  }

  react(id: MessageID, user: UserID, emoji: Emoji, on: boolean): RoomPush | null {
    const at = this.open(id, user);
    const row = this.rows[at];
    const users = row?.reactions?.find((r) => r.emoji === emoji)?.users ?? [];
    if (!row || users.includes(user) === on) return null;
    const others = row.reactions ?? [];
    const next = on ? [...users, user] : users.filter((u) => u !== user);
    const one: Reaction = { emoji, count: next.length, users: next };
    const all = others.some((r) => r.emoji === emoji)
      ? others.map((r) => (r.emoji === emoji ? one : r)).filter((r) => r.count > 0)
      : [...others, one];
    const { reactions: _, ...rest } = row;
    this.rows[at] = { ...rest, ...(all.length > 0 ? { reactions: all } : {}), rev: n(++this.rev) };
    return this.changedEvent(row, { reacted: { user, emoji, on, reactions: all } });
  }

  private changedEvent(row: Row, what: Pick<MessageChanged, "edit" | "reacted">): RoomPush {
    return {
      ev: "message.changed",
      room: this.id,
      rev: n(this.rev),
      data: { id: row.id, room: this.id, seq: row.seq, ...what },
    };
  }

  // hide is what I delete for myself: one message, or all.
  hide(id: MessageID | null): (RoomPush | { readonly ev: "message.hidden"; readonly data: MessageHidden })[] {
    const out: RoomPush[] = [];
    let to = this.seq;
    if (id === null) {
      if (this.from === this.seq) return [];
      this.from = this.seq;
    } else {
      const at = this.rows.findIndex((r) => r.id === id && !r.hiddenFor.has(this.me) && r.seq > this.from);
      const row = this.rows[at];
      if (!row) return [];
      to = row.seq;
      this.rows[at] = { ...row, hiddenFor: new Set([...row.hiddenFor, this.me]) };
      this.deletions.push({ id, number: this.hides + 1 });
    }
    const read = this.read(this.me, to);
    if (read) out.push(read);
    const data: MessageHidden = {
      room: this.id,
      ...(id ? { ids: [id] } : {}),
      from: n(this.from),
      hides: ++this.hides,
    };
    return [...out, { ev: "message.hidden", data }];
  }

  pin(id: MessageID | null): RoomPush | null {
    if (id ? this.open(id, this.me) < 0 : !this.pinned) return null;
    if (id === (this.pinned?.id ?? null)) return null;
    this.pinned = id ? { id, by: this.me } : null;
    this.noticeRev = ++this.rev;
    const notice = this.notice();
    return { ev: "room.notice", room: this.id, rev: n(this.rev), data: notice ? { notice } : {} };
  }

  private notice(): Notice | undefined {
    const row = this.rows.find((r) => r.id === this.pinned?.id);
    if (!row || !this.pinned) return undefined;
    const { id, seq, sender, senderName, type, body, at } = row;
    return { id, seq, sender, senderName, type, body, by: this.pinned.by, byName: this.pinned.by, at };
  }

  come(user: UserID, line: MessageID): RoomPush[] {
    if (this.members.get(user) && !this.members.get(user)?.left) return [];
    const from = n<Seq>(this.seq);
    const m = this.send({ id: line, body: user }, this.me, "invite");
    const member = { id: user, name: user, read: from, from, rev: this.rev };
    this.members.set(user, member);
    return this.moved(member, m);
  }

  go(user: UserID, line: MessageID): RoomPush[] {
    const there = this.members.get(user);
    if (!there || there.left || user === this.me) return [];
    const m = this.send({ id: line, body: user }, user, "leave");
    const member = { ...there, left: true, rev: this.rev };
    this.members.set(user, member);
    if (this.master === user) this.master = this.active()[0]?.id ?? this.me;
    return this.moved(member, m);
  }

  private moved({ rev: _, ...member }: Member & { rev: number }, line: Message): RoomPush[] {
    const data = { members: [member], count: this.active().length, master: this.master };
    return [{ ev: "room.members", room: this.id, rev: line.rev, data }, this.newEvent(this.seen(line))];
  }

  rename(name: string): RoomPush | null {
    if (name === this.name) return null;
    this.name = name;
    return this.wide();
  }

  handOver(to: UserID): RoomPush | null {
    if (to === this.master || !this.active().some((m) => m.id === to)) return null;
    this.master = to;
    return this.wide();
  }

  private wide(): RoomPush {
    return { ev: "room.changed", room: this.id, rev: n(++this.rev), data: { name: this.name, master: this.master } };
  }

  setUp(change: Partial<RoomMine>): { readonly ev: "room.mine"; readonly data: RoomMine } {
    this.set = { ...this.set, ...change, version: this.set.version + 1 };
    return { ev: "room.mine", data: this.set };
  }

  private title(): string {
    if (this.set.name || this.name) return this.set.name || this.name;
    const names = this.active()
      .map((m) => m.name)
      .filter((name) => name !== this.me)
      .sort();
    if (names.length === 0) return this.me;
    return names.slice(0, 4).join(", ") + (names.length > 4 ? ` +${names.length - 4}` : "");
  }

  unread(): number {
    const room = { read: this.mine().read, from: n<Seq>(this.from) } as Room;
    return this.rows.filter((r) => !r.hiddenFor.has(this.me) && counts(r, room, this.me)).length;
  }

  mine(): Member {
    const m = this.members.get(this.me);
    if (!m) throw new Error("I am always there");
    return m;
  }

  room(): Room {
    const { read } = this.mine();
    const notice = this.notice();
    const last = this.page().at(-1);
    return {
      id: this.id,
      title: this.title(),
      ...(this.set.name || this.name ? { named: true } : {}),
      ...(this.set.name ? { own: true } : {}),
      ...(this.name ? { name: this.name } : {}),
      master: this.master,
      notify: this.set.notify,
      ...(this.set.notify === "none" ? { muted: true } : {}),
      ...(this.set.pinned ? { pinned: this.set.pinned } : {}),
      ...(this.set.panelHidden ? { panelHidden: true } : {}),
      mineVersion: this.set.version,
      members: this.active(),
      memberCount: this.active().length,
      ...(last ? { lastMessage: last } : {}),
      unread: this.unread(),
      seq: n(this.seq),
      rev: n(this.rev),
      read,
      from: n(this.from),
      hides: this.hides,
      noticeRev: n(this.noticeRev),
      ...(notice ? { notice } : {}),
      at: (this.rows.at(-1)?.at ?? new Date(1_700_000_000_000).toISOString()) as Instant,
    };
  }

  // toRead is the room in the list of what is unread.
  toRead(): UnreadRoom[] {
    const r = this.room();
    if (r.unread === 0) return [];
    const newest = (is: (m: Message) => boolean): Seq | undefined =>
      this.page()
        .filter((m) => counts(m, r, this.me) && is(m))
        .at(-1)?.seq;
    const personal = r.notify === "all" ? undefined : newest((m) => m.mentions?.includes(this.me) === true);
    const urgent = newest((m) => m.urgent === true);
    const { id, title, unread, seq, rev, notify, muted = false } = r;
    return [
      {
        ...{ id, title, unread, seq, rev, notify, muted },
        ...(personal ? { personal } : {}),
        ...(urgent ? { urgent } : {}),
      },
    ];
  }

  // page is what history shows to me.
  page(before = Number.POSITIVE_INFINITY, limit = 1000): Message[] {
    return this.rows
      .filter((r) => r.seq < before && r.seq > this.from && !r.hiddenFor.has(this.me))
      .slice(-limit)
      .map((r) => this.seen(r));
  }

  changes(since: number, limit = 1000, hides = this.hides): ChangesPage {
    const changed = this.rows.filter((r) => r.rev > since && r.seq > this.from).sort((a, b) => a.rev - b.rev);
    const more = changed.length > limit;
    const rev = more ? (changed[limit - 1]?.rev ?? 0) : this.rev;
    const rows = changed.filter((r) => r.rev <= rev);
    const notice = this.notice();
    const moved = [...this.members.values()].filter((m) => m.rev > since && m.rev <= rev);
    return {
      rev: n(rev),
      more,
      seq: n(this.seq),
      unread: this.unread(),
      messages: rows.map((r) =>
        r.hiddenFor.has(this.me) ? { ...this.seen(r), cancelled: true, hidden: true, body: "" } : this.seen(r),
      ),
      from: n(this.from),
      hides: this.hides,
      hiddenIds: this.deletions.filter((d) => d.number > hides).map((d) => d.id),
      noticeRev: n(this.noticeRev),
      ...(notice ? { notice } : {}),
      cursors: moved.filter((m) => !m.left).map((m) => ({ user: m.id, seq: m.read })),
      members: moved.map(({ rev: _, ...m }) => m),
      room: { name: this.name, master: this.master },
      mine: this.set,
    };
  }

  private seen({ hiddenFor: _, ...m }: Row | (Message & { hiddenFor?: unknown })): Message {
    const unread = m.cancelled
      ? 0
      : this.active().filter((u) => u.id !== m.sender && u.read < m.seq && u.from < m.seq).length;
    const q = this.rows.find((r) => r.id === m.reply);
    const quote: Quote | undefined = q && {
      id: q.id,
      seq: q.seq,
      sender: q.sender,
      senderName: q.senderName,
      type: q.type,
      body: q.body,
      ...(q.cancelled ? { cancelled: true } : {}),
    };
    const reactions = m.reactions?.map((r) => (r.users.includes(this.me) ? { ...r, mine: true } : r));
    return { ...m, unread, ...(quote ? { quote } : {}), ...(reactions ? { reactions } : {}) };
  }
}
