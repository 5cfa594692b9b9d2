// What stands for the alerts until their code is there: nobody needs it for the first picture. It keeps what is
// said in between, in order.
import { type Signal, signal } from "@preact/signals-core";
import type { Holiday, NotifySettings, Push, RoomID, Seq } from "../gen/protocol.ts";
import type { Alerts, Around } from "./alerts.ts";
import type { Answers, Banner } from "./face.ts";
import { isLine, type RoomState } from "./room.ts";

export class Alerting {
  readonly banner: Signal<Banner | null> = signal(null);
  readonly mine: Signal<NotifySettings | null> = signal(null);
  readonly holidays: Signal<readonly Holiday[]> = signal([]);
  readonly answers: Signal<Answers> = signal({ from: [], all: false });
  private alerts: Alerts | null = null;
  private waiting: ((alerts: Alerts) => void)[] = [];
  private fetching = false;

  constructor(private readonly around: Omit<Around, "banner" | "mine" | "holidays" | "answers">) {}

  do(job: (alerts: Alerts) => void): void {
    if (this.alerts) {
      job(this.alerts);
      return;
    }
    this.waiting.push(job);
    this.fetch();
  }

  changed(before: RoomState | undefined, after: RoomState): void {
    // Most changes are no news; those need no code.
    const news = after.room.seq > (before?.room.seq ?? 0) && after.room.lastMessage && !isLine(after.room.lastMessage);
    if (this.alerts || news) this.do((a) => a.changed(before, after));
  }

  hear(
    push: Extract<
      Push,
      { ev: "attention" | "me.settings" | "holidays" | "alert.why" | "alert.because" | "alert.whether" | "alert.told" }
    >,
  ): void {
    this.do((a) => a.hear(push));
  }

  withdraw(room: RoomID): void {
    this.alerts?.withdraw(room);
  }

  dismiss(): void {
    if (this.alerts) this.alerts.dismiss();
    else this.banner.value = null;
  }

  why(room: RoomID, seq: Seq): Signal<Answers> {
    this.answers.value = { from: [], all: false };
    this.do((a) => void a.reasons.why(room, seq));
    return this.answers;
  }

  private fetch(): void {
    if (this.fetching) return;
    this.fetching = true;
    this.around.page
      .painted()
      .then(() => import("./alerts.ts"))
      .then(
        ({ Alerts }) => {
          const { banner, mine, holidays, answers } = this;
          const alerts = new Alerts({ ...this.around, banner, mine, holidays, answers });
          this.alerts = alerts;
          const jobs = this.waiting;
          this.waiting = [];
          for (const job of jobs) job(alerts);
        },
        () => {
          this.fetching = false; // without a line; the next change asks again
        },
      );
  }
}
