// Messages of mine that the server has not acknowledged. Each is stored before it is sent and removed
// when it is acknowledged, found in history, or deleted by the person. It does not know the socket.
import { type Signal, signal } from "@preact/signals-core";
import type {
  ErrorCode,
  Message,
  MessageID,
  MessageSent,
  Quote,
  RoomID,
  SendMessage,
  UserID,
} from "../gen/protocol.ts";
import { fateOf } from "../rules/delivery.ts";
import type { Clock, Keep, Outcome } from "./parts.ts";

export interface Item {
  readonly id: MessageID;
  readonly room: RoomID;
  readonly type: "talk";
  readonly body: string;
  readonly reply?: MessageID;
  readonly quote?: Quote; // what the reply quotes, for showing it
  readonly mentions?: readonly UserID[];
  readonly forwarded?: boolean;
  readonly urgent?: boolean;
  readonly at: string;
  readonly state: "waiting" | "failed";
  readonly code?: ErrorCode;
}

// What a text says beside its words.
export type Saying = Pick<Item, "quote" | "mentions" | "forwarded" | "urgent">;

export type Ask = (ask: SendMessage) => Promise<Outcome<MessageSent>>;

const none: readonly Item[] = [];

export class Outgoing {
  private readonly rooms = new Map<RoomID, Signal<readonly Item[]>>();

  constructor(
    private readonly keep: Keep,
    private readonly clock: Clock,
    private readonly ask: Ask,
  ) {
    keep.changed((bucket, key, value) => {
      if (bucket !== "outbox" || key.startsWith("later/")) return;
      const item = readItem(value);
      if (item) this.put(item);
      else this.remove(key as MessageID);
    });
  }

  of(room: RoomID): Signal<readonly Item[]> {
    let s = this.rooms.get(room);
    if (!s) {
      s = signal(none);
      this.rooms.set(room, s);
    }
    return s;
  }

  // restore shows what an earlier run left behind as failed: whether the server got it nobody knows,
  // and only the person decides to send again.
  restore(stored: Readonly<Record<string, unknown>>): readonly RoomID[] {
    const touched = new Set<RoomID>();
    for (const value of Object.values(stored)) {
      const item = readItem(value);
      if (!item || this.find(item.room, item.id)) continue;
      this.put({ ...item, state: "failed", code: item.code ?? "unavailable" });
      touched.add(item.room);
    }
    return [...touched];
  }

  reset(): void {
    for (const s of this.rooms.values()) s.value = none;
  }

  send(id: MessageID, room: RoomID, body: string, { quote, mentions, forwarded, urgent }: Saying = {}): void {
    const at = new Date(this.clock.now()).toISOString();
    const more = {
      ...(quote ? { reply: quote.id, quote } : {}),
      ...(mentions?.length ? { mentions } : {}),
      ...(forwarded ? { forwarded } : {}),
      ...(urgent ? { urgent } : {}),
    };
    void this.go({ id, room, type: "talk", body, ...more, at, state: "waiting" });
  }

  resend(room: RoomID, id: MessageID): void {
    const item = this.find(room, id);
    if (item?.state !== "failed") return;
    const { code, urgent, ...rest } = item;
    // What may not be urgent goes out as any other message.
    const keep = urgent && !tooUrgent(item);
    void this.go({ ...rest, ...(keep ? { urgent } : {}), state: "waiting" });
  }

  discard(room: RoomID, id: MessageID): void {
    if (this.find(room, id)?.state === "failed") this.done(id);
  }

  // settle removes what turns out to be in the room.
  settle(room: RoomID, messages: readonly Message[]): void {
    const waiting = this.rooms.get(room)?.peek();
    if (!waiting?.length) return;
    const there = new Set(messages.map((m) => m.id));
    for (const item of waiting) if (there.has(item.id)) this.done(item.id);
  }

  done(id: MessageID): void {
    this.remove(id);
    this.keep.drop("outbox", id);
  }

  private async go(item: Item): Promise<void> {
    this.put(item);
    this.store(item);
    const { quote: _q, at: _a, state: _s, code: _c, ...ask } = item;
    const answer = await this.ask(ask);
    const now = this.find(item.room, item.id);
    if (!now) return; // settled meanwhile by what came in
    if (answer.data) {
      this.done(item.id);
      return;
    }
    const failed: Item = { ...now, state: "failed", code: answer.error.code };
    this.put(failed);
    this.store(failed);
  }

  private store(item: Item): void {
    if (this.keep.outbox && fateOf("message.send", item.type).kept) this.keep.put("outbox", item.id, item);
  }

  private find(room: RoomID, id: MessageID): Item | undefined {
    return this.rooms
      .get(room)
      ?.peek()
      .find((x) => x.id === id);
  }

  private put(item: Item): void {
    const s = this.of(item.room);
    const at = s.peek().findIndex((x) => x.id === item.id);
    s.value = at < 0 ? [...s.peek(), item] : s.peek().map((x, i) => (i === at ? item : x));
  }

  private remove(id: MessageID): void {
    for (const s of this.rooms.values()) {
      if (s.peek().some((x) => x.id === id)) s.value = s.peek().filter((x) => x.id !== id);
    }
  }
}

// tooUrgent: it would have gone out, but for being urgent.
export const tooUrgent = ({ urgent, code }: { readonly urgent?: boolean; readonly code?: ErrorCode }): boolean =>
  urgent === true && (code === "rate_limited" || code === "forbidden");

function readItem(value: unknown): Item | null {
  const v = value as Partial<Item> | undefined;
  if (typeof v?.id !== "string" || typeof v.room !== "string" || typeof v.body !== "string") return null;
  return {
    id: v.id,
    room: v.room,
    type: "talk",
    body: v.body,
    ...(v.reply ? { reply: v.reply } : {}),
    ...(v.quote ? { quote: v.quote } : {}),
    ...(Array.isArray(v.mentions) ? { mentions: v.mentions } : {}),
    ...(v.forwarded ? { forwarded: true } : {}),
    ...(v.urgent ? { urgent: true } : {}),
    at: v.at ?? new Date(0).toISOString(),
    state: v.state === "waiting" ? "waiting" : "failed",
    ...(v.code ? { code: v.code } : {}),
  };
}
