// Commands that may wait until the line is back, in order, also over a restart: reading on, inviting,
// leaving. It does not know which commands those are (rules/delivery.ts does), nor the socket.
import type { ErrorCode, Op, Replies, Requests } from "../gen/protocol.ts";
import { fateOf } from "../rules/delivery.ts";
import type { Clock, Keep, Wire } from "./parts.ts";

interface Waiting {
  readonly op: Op;
  readonly data: Requests[Op];
}

// Refusals that say nothing about what was asked.
const now: ReadonlySet<ErrorCode> = new Set(["rate_limited", "internal", "unauthenticated"]);
// How long to rest when the server is there and cannot take it now.
const rest = 5000;

export class Later {
  private readonly waiting = new Map<string, Waiting>(); // in the order of sending
  private count = 0;
  private going: Promise<void> | null = null;
  private round = 0; // a sign-in

  constructor(
    private readonly wire: Pick<Wire, "ask">,
    private readonly keep: Keep,
    private readonly clock: Clock,
  ) {
    // What another tab has sent must not be sent again later, when it may undo what came after it.
    keep.changed((bucket, key, value) => {
      if (bucket === "outbox" && key.startsWith("later/")) this.take(key, value);
    });
  }

  reset(): void {
    this.round++;
    this.going = null;
    this.waiting.clear();
  }

  restore(stored: Readonly<Record<string, unknown>>): void {
    for (const key of Object.keys(stored).sort()) if (key.startsWith("later/")) this.take(key, stored[key]);
  }

  // do carries op out now or, where its class allows it and the line is down, when the line is back:
  // then it counts as done.
  async do<O extends Op>(op: O, data: Requests[O], then?: (reply: Replies[O]) => void): Promise<ErrorCode | null> {
    const mayWait = this.keep.outbox && fateOf(op).down === "buffer";
    // What waits goes first.
    if (mayWait && this.waiting.size > 0) {
      await this.flush();
      if (this.waiting.size > 0) {
        this.add(op, data);
        return null;
      }
    }
    const answer = await this.wire.ask(op, data);
    if (!answer.error) {
      then?.(answer.data);
      return null;
    }
    if (answer.error.code !== "unavailable" || !mayWait) return answer.error.code;
    this.add(op, data);
    return null;
  }

  // flush is called when the line is up. What meets another cut waits on, and so does what the server cannot take now.
  flush(): Promise<void> {
    if (this.going) return this.going;
    const going = this.send(this.round).finally(() => {
      if (this.going === going) this.going = null;
    });
    this.going = going;
    return going;
  }

  private async send(round: number): Promise<void> {
    for (const [key, w] of [...this.waiting]) {
      if (!this.waiting.has(key)) continue;
      const answer = await this.wire.ask(w.op, w.data);
      if (round !== this.round || answer.error?.code === "unavailable") return;
      if (answer.error && now.has(answer.error.code)) {
        this.clock.after(rest, () => void this.flush());
        return;
      }
      this.waiting.delete(key);
      this.keep.drop("outbox", key);
    }
  }

  private take(key: string, value: unknown): void {
    const w = value as Partial<Waiting> | undefined;
    if (w?.op && w.data && fateOf(w.op).down === "buffer") this.waiting.set(key, { op: w.op, data: w.data });
    else this.waiting.delete(key);
  }

  private add(op: Op, data: Requests[Op]): void {
    if (op === "message.read") {
      // Only the furthest cursor of a room is worth sending.
      const room = (data as Requests["message.read"]).room;
      for (const [key, w] of this.waiting) {
        if (w.op === op && (w.data as Requests["message.read"]).room === room) {
          this.waiting.delete(key);
          this.keep.drop("outbox", key);
        }
      }
    }
    const key = `later/${String(this.clock.now()).padStart(14, "0")}${String(this.count++).padStart(6, "0")}`;
    this.waiting.set(key, { op, data });
    this.keep.put("outbox", key, { op, data });
    // The answer alone may have been lost, and the line may stand.
    this.clock.after(rest, () => void this.flush());
  }
}
