// A clock that stands still until a test moves it.
import type { Clock } from "../parts.ts";

export class StillClock implements Clock {
  private time = 1_700_000_000_000;
  private due: { at: number; run: () => void }[] = [];

  now(): number {
    return this.time;
  }

  random(): number {
    return 0.5;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.due.push(timer);
    return () => {
      this.due = this.due.filter((t) => t !== timer);
    };
  }

  // pass lets ms go by; whatever falls due runs in its order, and promises settle in between.
  async pass(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const next = this.due.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.due = this.due.filter((t) => t !== next);
      this.time = Math.max(this.time, next.at);
      next.run();
      await settle();
    }
    this.time = end;
  }
}

export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
