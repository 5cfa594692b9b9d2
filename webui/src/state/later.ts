// Commands that may wait until the line is back, in order, also over a restart: reading on, inviting,
// leaving. It does not know which commands those are (rules/delivery.ts does), nor the socket.
import type { ErrorCode, Op, Replies, Requests } from "../gen/protocol.ts";
import { fateOf } from "../rules/delivery.ts";
import type { Clock, Keep, Wire } from "./parts.ts";

interface Waiting {
  readonly op: Op;
  readonly data: Requests[Op];
}

export class Later {
  private readonly waiting = new Map<string, Waiting>(); // in the order of sending
  private count = 0;
  private going = false;

  constructor(
    private readonly wire: Pick<Wire, "ask" | "leads">,
    private readonly keep: Keep,
    private readonly clock: Clock,
  ) {}

  reset(): void {
    this.waiting.clear();
  }

  restore(stored: Readonly<Record<string, unknown>>): void {
    for (const key of Object.keys(stored).sort()) {
      const w = stored[key] as Partial<Waiting> | undefined;
      if (key.startsWith("later/") && w?.op && w.data && fateOf(w.op).down === "buffer") {
        this.waiting.set(key, { op: w.op, data: w.data });
      }
    }
  }

  // do carries op out now or, where its class allows it and the line is down, when the line is back:
  // then it counts as done.
  async do<O extends Op>(op: O, data: Requests[O], then?: (reply: Replies[O]) => void): Promise<ErrorCode | null> {
    const answer = await this.wire.ask(op, data);
    if (!answer.error) {
      then?.(answer.data);
      return null;
    }
    if (answer.error.code !== "unavailable" || !this.keep.outbox || fateOf(op).down !== "buffer") {
      return answer.error.code;
    }
    this.add(op, data);
    return null;
  }

  // flush is called when the line is up. What meets another cut waits on.
  async flush(): Promise<void> {
    if (this.going) return;
    this.going = true;
    for (const [key, w] of [...this.waiting]) {
      if (!this.waiting.has(key)) continue;
      const answer = await this.wire.ask(w.op, w.data);
      if (answer.error?.code === "unavailable") break;
      this.waiting.delete(key);
      this.keep.drop("outbox", key);
    }
    this.going = false;
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
  }
}
