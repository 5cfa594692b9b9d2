// What was typed and not sent, per room. Stored a moment after typing stops, and when the page goes.
import { type Signal, signal } from "@preact/signals-core";
import type { RoomID } from "../gen/protocol.ts";
import type { Clock, Keep } from "./parts.ts";

const settle = 400; // ms without typing before it is stored

export class Drafts {
  private readonly rooms = new Map<RoomID, Signal<string>>();
  private readonly unsaved = new Map<RoomID, () => void>();

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
    for (const stop of this.unsaved.values()) stop();
    this.unsaved.clear();
    for (const s of this.rooms.values()) s.value = "";
  }

  set(room: RoomID, text: string): void {
    const s = this.of(room);
    if (s.peek() === text) return;
    s.value = text;
    this.unsaved.get(room)?.();
    if (text === "") {
      // Sent or wiped: a stale draft must not come back.
      this.save(room);
      return;
    }
    this.unsaved.set(
      room,
      this.clock.after(settle, () => this.save(room)),
    );
  }

  // flush stores everything at once; the page is going away.
  flush(): void {
    for (const [room, stop] of [...this.unsaved]) {
      stop();
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
