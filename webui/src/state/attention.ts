// What this tab says of the person in front of it, when it changes. Nothing is polled: a timer stands
// at the next edge of the idle time, and only while the line needs it.
import { effect } from "@preact/signals-core";
import type { Attention, Instant } from "../gen/protocol.ts";
import type { Clock, Page, Wire } from "./parts.ts";

const edges = [420, 300, 180, 120, 60, 0] as const; // seconds

export class Attending {
  private idle = 0;
  private stop: () => void = () => {};
  private said = "";

  constructor(
    private readonly wire: Pick<Wire, "attend">,
    private readonly page: Page,
    private readonly clock: Clock,
    private readonly unable: () => boolean, // to show notifications of the system
  ) {}

  start(): void {
    effect(() => {
      this.page.focused.value;
      this.page.room.value;
      this.unable();
      this.look();
    });
    this.page.onInput(() => {
      if (this.idle > 0) this.look();
    });
  }

  now(): Attention {
    return {
      room: this.page.room.peek() ?? "",
      focused: this.page.focused.peek(),
      idle: this.idle,
      locked: false,
      quiet: "" as Instant,
      ...(this.unable() ? { unable: true } : {}),
    };
  }

  private look(): void {
    this.stop();
    const age = Math.max(0, this.clock.now() - this.page.lastInput()) / 1000;
    this.idle = edges.find((e) => age >= e) ?? 0;
    const next = [...edges].reverse().find((e) => e > age);
    if (next !== undefined) this.stop = this.clock.after(Math.ceil((next - age) * 1000) + 50, () => this.look());
    const now = this.now();
    const text = JSON.stringify(now);
    if (text === this.said) return;
    this.said = text;
    this.wire.attend(now);
  }
}
