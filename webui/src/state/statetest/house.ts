// A room on a make-believe server: it keeps the promises of the contract in memory, so that tests can
// compare what a client made of events with what the server would say now.
import type {
  ChangesPage,
  Cursor,
  Instant,
  Member,
  Message,
  MessageID,
  MessageSent,
  Room,
  RoomID,
  RoomMine,
  RoomPush,
  SendMessage,
  Seq,
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
      ...(ask.reply ? { reply: ask.reply } : {}),
      at: new Date(1_700_000_000_000 + this.seq * 1000).toISOString() as Instant,
      unread: 0,
      hiddenFor: new Set(),
    };
    this.rows.push(row);
    return this.seen(row);
  }

  sentReply(m: Message): MessageSent {
    return { id: m.id, room: m.room, seq: m.seq, rev: m.rev, at: m.at };
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
    const hiddenFor = new Set(
      this.active()
        .filter((m) => m.id !== row.sender && m.read < row.seq)
        .map((m) => m.id),
    );
    const { reply: _, ...rest } = row;
    this.rows[at] = { ...rest, body: "", cancelled: true, hiddenFor, rev: n(++this.rev) };
    return {
      ev: "message.cancelled",
      room: this.id,
      rev: n(this.rev),
      data: { id, room: this.id, seq: row.seq },
    };
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
    const room = { read: this.mine().read, from: this.mine().from } as Room;
    return this.rows.filter((r) => counts(r, room, this.me)).length;
  }

  mine(): Member {
    const m = this.members.get(this.me);
    if (!m) throw new Error("I am always there");
    return m;
  }

  room(): Room {
    const { read, from } = this.mine();
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
      from,
      at: (this.rows.at(-1)?.at ?? new Date(1_700_000_000_000).toISOString()) as Instant,
    };
  }

  // page is what history shows to me.
  page(before = Number.POSITIVE_INFINITY, limit = 1000): Message[] {
    return this.rows
      .filter((r) => r.seq < before && !r.hiddenFor.has(this.me))
      .slice(-limit)
      .map((r) => this.seen(r));
  }

  changes(since: number, limit = 1000): ChangesPage {
    const changed = this.rows.filter((r) => r.rev > since).sort((a, b) => a.rev - b.rev);
    const more = changed.length > limit;
    const rows = changed.slice(0, limit);
    const rev = more ? (rows.at(-1)?.rev ?? 0) : this.rev;
    const moved = [...this.members.values()].filter((m) => m.rev > since && m.rev <= rev);
    return {
      rev: n(rev),
      more,
      seq: n(this.seq),
      unread: this.unread(),
      messages: rows.map((r) =>
        r.hiddenFor.has(this.me) ? { ...this.seen(r), cancelled: true, body: "" } : this.seen(r),
      ),
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
    return { ...m, unread };
  }
}
