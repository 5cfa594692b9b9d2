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
  readonly rows: Row[] = [];
  readonly members = new Map<UserID, Member & { rev: number }>();

  constructor(
    readonly me: UserID,
    others: readonly UserID[],
    readonly id = "r1" as RoomID,
  ) {
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
    return this.moved(member, m);
  }

  private moved({ rev: _, ...member }: Member & { rev: number }, line: Message): RoomPush[] {
    const data = { members: [member], count: this.active().length };
    return [{ ev: "room.members", room: this.id, rev: line.rev, data }, this.newEvent(this.seen(line))];
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
      title: "room",
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
    };
  }

  private seen({ hiddenFor: _, ...m }: Row | (Message & { hiddenFor?: unknown })): Message {
    const unread = m.cancelled
      ? 0
      : this.active().filter((u) => u.id !== m.sender && u.read < m.seq && u.from < m.seq).length;
    return { ...m, unread };
  }
}
