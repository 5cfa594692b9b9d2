// Of what my other devices have told me already: this page asks them, and answers where they ask. It does not know the rule.
import { waitFor } from "../gen/notify.ts";
import { limits, type Place, type Told, type WhetherAsked } from "../gen/protocol.ts";
import { told } from "../rules/notify.ts";
import type { Clock, Verdicts, Wire } from "./parts.ts";

interface Around {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly verdicts: Verdicts;
}

export class Whether {
  private asks = 0;
  // The questions that are not answered by all, by their number: how many devices there are, and how many have answered.
  private readonly open = new Map<number, { devices: number; answers: number }>();
  private told: Place[] = [];
  private done: (told: readonly Place[]) => void = () => {};
  private stopWaiting: () => void = () => {};

  constructor(private readonly around: Around) {}

  // ask ends with what was told of, when all the others have answered, or had as long as one that goes first has to
  // speak: one that sleeps keeps nobody from speaking. Of two questions only the second is answered.
  ask(of: readonly Place[], others: number, done: (told: readonly Place[]) => void): void {
    const { wire, clock } = this.around;
    this.stop();
    this.done = done;
    this.told = [];
    for (let i = 0; others > 0 && i < of.length; i += limits.whether) {
      const ask = ++this.asks;
      const open = { devices: others, answers: 0 };
      this.open.set(ask, open);
      void wire.ask("alert.whether", { ask, of: of.slice(i, i + limits.whether) }).then(({ data }) => {
        open.devices = data?.devices ?? others; // the server knows it better than what they have said of themselves
        if (this.open.get(ask) === open) this.count(ask);
      });
    }
    if (this.open.size === 0) this.end();
    else this.stopWaiting = clock.after(waitFor, () => this.end());
  }

  stop(): void {
    this.stopWaiting();
    this.open.clear();
    this.done = () => {};
  }

  // hear is what another device answers to this one.
  hear({ ask, of }: Told): void {
    const open = this.open.get(ask);
    if (!open) return;
    this.told.push(...of);
    open.answers++;
    this.count(ask);
  }

  private count(ask: number): void {
    const open = this.open.get(ask);
    if (open && open.answers >= open.devices) this.open.delete(ask);
    if (this.open.size === 0) this.end();
  }

  async answer({ session, ask, of }: WhetherAsked): Promise<void> {
    const { wire, verdicts } = this.around;
    const decided = await Promise.all(of.map((p) => verdicts.get(p.room, p.seq)));
    void wire.ask("alert.told", { to: session, ask, of: of.filter((_, i) => told(decided[i] ?? [])) });
  }

  private end(): void {
    const { done } = this;
    this.stop();
    done(this.told);
  }
}
