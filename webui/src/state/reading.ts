// My read cursors on their way to the server: only forward, one command per room and moment.
import type { RoomID, Seq } from "../gen/protocol.ts";
import type { Later } from "./later.ts";
import type { Clock } from "./parts.ts";

const gather = 120; // ms; a burst of messages is acknowledged once

export class Reading {
  private readonly told = new Map<RoomID, Seq>();
  private readonly waiting = new Map<RoomID, Seq>();

  constructor(
    private readonly later: Later,
    private readonly clock: Clock,
  ) {}

  reset(): void {
    this.told.clear();
    this.waiting.clear();
  }

  to(room: RoomID, seq: Seq): void {
    if (seq <= (this.told.get(room) ?? 0) || seq <= (this.waiting.get(room) ?? 0)) return;
    const first = !this.waiting.has(room);
    this.waiting.set(room, seq);
    if (first) this.clock.after(gather, () => this.tell(room));
  }

  private tell(room: RoomID): void {
    const seq = this.waiting.get(room);
    this.waiting.delete(room);
    if (seq === undefined) return;
    this.told.set(room, seq);
    void this.later.do("message.read", { room, seq }).then((bad) => {
      // Refused for once: the next look may try again.
      if (bad && this.told.get(room) === seq) this.told.delete(room);
    });
  }

  // flush tells everything at once; the page is going away.
  flush(): void {
    for (const room of [...this.waiting.keys()]) this.tell(room);
  }
}
