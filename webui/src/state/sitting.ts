// Who sits before the page: taken in from the local copy or as the server says, brought up to date whenever a line
// comes up, and forgotten at sign-out. It does not know what else is heard, nor what the person does.
import { batch, type Signal } from "@preact/signals-core";
import type { Link, Room, RoomID, User } from "../gen/protocol.ts";
import type { Alerting } from "./alerting.ts";
import { type CopiedRoom, headKey, readHead, readRoom, roomKey } from "./copied.ts";
import type { Copying } from "./copying.ts";
import type { Drafts } from "./drafts.ts";
import type { LinkView, Phase } from "./face.ts";
import type { Later } from "./later.ts";
import type { Model } from "./model.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Http, Parts } from "./parts.ts";
import type { Persons } from "./persons.ts";
import type { Reading } from "./reading.ts";
import type { RoomState } from "./room.ts";
import type { Rooms } from "./rooms.ts";

const firstRetry = 1000;
const lastRetry = 30_000;

interface Around extends Pick<Parts, "wire" | "keep" | "copy" | "clock" | "page" | "verdicts"> {
  readonly http: Http;
  readonly phase: Signal<Phase>;
  readonly me: Signal<User | null>;
  readonly line: Signal<LinkView>;
  readonly tray: Signal<Link | null>;
  readonly rooms: Rooms;
  readonly drafts: Drafts;
  readonly outgoing: Outgoing;
  readonly later: Later;
  readonly reading: Reading;
  readonly alerts: Alerting;
  readonly persons: Signal<Persons | null>;
  readonly models: Map<RoomID, Model>;
  readonly model: (id: RoomID) => Model;
  ended(): void; // somebody ended what the server knew a moment ago
}

export class Sitting {
  private loaded: User["id"] | null = null; // whose drafts and outbox are in memory
  private checking = false;
  private sure = false; // the server has said who we are; until then the local copy has
  private copying: Copying | null = null;
  private copied = false; // what is shown came from the local copy and has not been brought up to date yet
  private wait = firstRetry;
  private stopWaiting: () => void = () => {};

  constructor(private readonly around: Around) {}

  // become takes a person in: nothing of another one stays.
  become(user: User, kept?: { readonly rooms: readonly Room[]; readonly windows: readonly CopiedRoom[] }): void {
    const { me, keep, copy, verdicts, rooms, page, phase } = this.around;
    const mine = me.peek();
    if (mine?.id === user.id) {
      const mustChange = user.mustChange ?? mine.mustChange;
      const mustEnrol = user.mustEnrol ?? mine.mustEnrol;
      me.value = { ...user, ...(mustChange ? { mustChange } : {}), ...(mustEnrol ? { mustEnrol } : {}) };
    } else {
      keep.own(user.id);
      // Whatever is kept of somebody else goes.
      if (!kept) copy.wipe();
      verdicts.own(user.id);
      batch(() => {
        this.forget();
        me.value = user;
        rooms.reset(user);
        if (kept) void rooms.restore(kept.rooms, kept.windows);
      });
      void this.restore(user);
      void this.keepCopy(user);
    }
    batch(() => {
      phase.value = "ready";
      const id = page.room.peek();
      if (id) void this.enter(id);
    });
  }

  // enter goes to a message where one is named, unless it is among the newest: those are read as always.
  async enter(id: RoomID, seq = this.around.page.seq()): Promise<void> {
    const { model, rooms } = this.around;
    await model(id).enter();
    const there = rooms.of(id).peek()?.messages;
    if (seq > 0 && !there?.some((m) => m.seq === seq)) await model(id).jump(seq);
  }

  readCopy(): Promise<readonly unknown[]> {
    const { copy, page } = this.around;
    const id = page.room.peek();
    return copy.read(id ? [headKey, roomKey(id)] : [headKey]);
  }

  // showCopy shows what was here last, until the server has said what is here now.
  showCopy([first, window]: readonly unknown[]): void {
    const head = readHead(first);
    if (!head || head.user.mustChange || head.user.mustEnrol || this.around.phase.peek() !== "starting") return;
    const room = readRoom(window, head.user.id);
    this.copied = true;
    this.become(head.user, { rooms: head.rooms, windows: room ? [room] : [] });
  }

  // note takes a change down for the next time.
  note(before: RoomState | undefined, after: RoomState): void {
    this.copying?.note(before, after);
  }

  flush(): void {
    this.copying?.flush();
  }

  signedOut(): void {
    if (this.sure) this.around.ended();
    const { wire, drafts, me, copy, tray, phase } = this.around;
    wire.stop();
    drafts.flush();
    batch(() => {
      me.value = null;
      this.forget();
      copy.wipe();
      tray.value = null;
      phase.value = "signin";
    });
  }

  // check asks who we are. While nobody answers, the line keeps trying; its hello answers as well.
  async check(asked = this.around.http.get<User>("me")): Promise<void> {
    if (this.checking) return;
    const { wire, phase, line, clock } = this.around;
    this.checking = true;
    this.stopWaiting();
    const answer = await asked;
    this.checking = false;
    if (answer.data) {
      this.sure = true;
      this.wait = firstRetry;
      this.become(answer.data);
      wire.start();
    } else if (answer.error.code === "unauthenticated") {
      this.signedOut();
    } else if (!this.sure && phase.peek() !== "signin") {
      line.value = { state: "offline", since: clock.now() };
      wire.start();
      this.stopWaiting = clock.after(this.wait, () => void this.check());
      this.wait = Math.min(this.wait * 2, lastRetry);
    }
  }

  // greeted takes in whom the server took us for.
  greeted(user: User): void {
    this.stopWaiting();
    this.sure = true;
    this.become(user);
  }

  async catchUp(): Promise<void> {
    const { later, rooms, models, model, page, outgoing } = this.around;
    if (this.loaded) void later.flush();
    const first = rooms.ids.peek().length === 0;
    await rooms.catchUp();
    for (const m of models.values()) m.stale();
    const id = page.room.peek();
    // A room whose first look failed, or that the list did not know.
    // And one that came from the local copy: only now it is known what is new in it.
    if (id && (this.copied || !rooms.of(id).peek()?.loaded)) void model(id).enter();
    this.copied = false;
    if (!first) return;
    for (const room of rooms.ids.peek()) {
      const failed = outgoing
        .of(room)
        .peek()
        .some((x) => x.state === "failed");
      if (failed) void rooms.watch(room);
    }
  }

  private async restore(user: User): Promise<void> {
    const { keep, me, drafts, later, outgoing, rooms, line } = this.around;
    const [kept, unsent] = await Promise.all([keep.all("drafts"), keep.all("outbox")]);
    if (me.peek()?.id !== user.id) return;
    this.loaded = user.id;
    drafts.restore(kept);
    later.restore(unsent);
    // Whether they arrived stands in history.
    for (const id of outgoing.restore(unsent)) {
      outgoing.settle(id, rooms.of(id).peek()?.messages ?? []);
      if (rooms.ids.peek().includes(id)) void rooms.watch(id);
    }
    if (line.peek().state === "online") void later.flush();
  }

  private async keepCopy(user: User): Promise<void> {
    const { page, me, copy, rooms, clock } = this.around;
    await page.painted();
    const m = await import("./copying.ts");
    if (me.peek()?.id !== user.id || this.copying) return;
    this.copying = new m.Copying(copy, rooms, clock, user);
    await this.copying.begin();
  }

  private forget(): void {
    const { persons, models, drafts, outgoing, later, reading, alerts, rooms } = this.around;
    this.copying?.end();
    this.copying = null;
    this.loaded = null;
    persons.peek()?.reset();
    models.clear();
    drafts.reset();
    outgoing.reset();
    later.reset();
    reading.reset();
    alerts.do((a) => a.reset());
    rooms.reset(null);
  }
}
