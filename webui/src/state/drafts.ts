// What was typed and not sent, per room. Stored a moment after typing stops, now and then while it does not, and when
// the page goes.
import { type Signal, signal } from "@preact/signals-core";
import type { RoomID } from "../gen/protocol.ts";
import type { Clock, Keep } from "./parts.ts";

const settle = 400; // ms without typing before it is stored
const atMost = 2000; // ms that may be lost of what is typed without a pause, when the page is gone at once

// What is not stored yet: how to call off that it will be, and when it has to be.
interface Unsaved {
  readonly stop: () => void;
  readonly by: number;
}

export class Drafts {
  private readonly rooms = new Map<RoomID, Signal<string>>();
  private readonly unsaved = new Map<RoomID, Unsaved>();

  constructor(
    private readonly keep: Keep,
    private readonly clock: Clock,
  ) {
    keep.changed((bucket, key, value) => {
      const room = key as RoomID;
      if (bucket === "drafts" && !this.unsaved.has(room)) this.of(room).value = typeof value === "string" ? value : "";
    });
  }

  of(room: RoomID): Signal<string> {
    let s = this.rooms.get(room);
    if (!s) {
      s = signal("");
      this.rooms.set(room, s);
    }
    return s;
  }

  restore(stored: Readonly<Record<string, unknown>>): void {
    for (const [room, text] of Object.entries(stored)) {
      const s = this.of(room as RoomID);
      if (typeof text === "string" && s.peek() === "") s.value = text;
    }
  }

  reset(): void {
    for (const u of this.unsaved.values()) u.stop();
    this.unsaved.clear();
    for (const s of this.rooms.values()) s.value = "";
  }

  set(room: RoomID, text: string): void {
    const s = this.of(room);
    if (s.peek() === text) return;
    s.value = text;
    const had = this.unsaved.get(room);
    had?.stop();
    if (text === "") {
      // Sent or wiped: a stale draft must not come back.
      this.save(room);
      return;
    }
    const now = this.clock.now();
    const by = had?.by ?? now + atMost;
    const stop = this.clock.after(Math.max(0, Math.min(settle, by - now)), () => this.save(room));
    this.unsaved.set(room, { stop, by });
  }

  // flush stores everything at once; the page is going away.
  flush(): void {
    for (const [room, u] of [...this.unsaved]) {
      u.stop();
      this.save(room);
    }
  }

  private save(room: RoomID): void {
    this.unsaved.delete(room);
    const text = this.of(room).peek();
    if (text === "") this.keep.drop("drafts", room);
    else this.keep.put("drafts", room, text);
  }
}
