// Why a message was told of or not: what this device and my others have decided, each in its own words.
import type { Signal } from "@preact/signals-core";
import type { Because as Answer, RoomID, Seq, SessionID } from "../gen/protocol.ts";
import type { Answers, Because } from "./face.ts";
import type { Verdicts, Wire } from "./parts.ts";

interface Around {
  readonly wire: Wire;
  readonly verdicts: Verdicts;
  readonly answers: Signal<Answers>;
  readonly tray: () => boolean; // the tray keeps the verdicts
}

export class Reasons {
  private asked: { readonly room: RoomID; readonly seq: Seq; devices: number } | null = null;

  constructor(private readonly around: Around) {}

  // why asks this device and my others what they decided. All have answered once as many have as the server says were
  // asked; one that does not say it keeps the asker waiting.
  async why(room: RoomID, seq: Seq): Promise<void> {
    const asked = { room, seq, devices: Number.POSITIVE_INFINITY };
    this.asked = asked;
    const { wire, verdicts, tray } = this.around;
    void wire.ask("alert.why", { room, seq }).then(({ data, error }) => {
      // Without a line there is nobody else to hear of.
      asked.devices = 1 + (error ? 0 : (data.devices ?? Number.POSITIVE_INFINITY));
      if (this.asked === asked) this.counted();
    });
    if (tray()) return; // it answers for this computer
    const decided = await verdicts.get(room, seq);
    this.hear({ device: "web", self: true, room, seq, decided });
  }

  async answer(q: { session: SessionID; room: RoomID; seq: Seq }): Promise<void> {
    const decided = await this.around.verdicts.get(q.room, q.seq);
    void this.around.wire.ask("alert.because", { to: q.session, room: q.room, seq: q.seq, decided } satisfies Answer);
  }

  hear(b: Because & { room: RoomID; seq: Seq }): void {
    if (b.room !== this.asked?.room || b.seq !== this.asked.seq) return;
    const { device, self, decided } = b;
    const { from } = this.around.answers.peek();
    this.around.answers.value = { from: [...from, { device, decided, ...(self ? { self } : {}) }], all: false };
    this.counted();
  }

  private counted(): void {
    const { answers } = this.around;
    const { from } = answers.peek();
    if (this.asked && from.length >= this.asked.devices) answers.value = { from, all: true };
  }
}
