// Who is typing and who is present. It comes by push, nothing of it is kept, and what is not said again
// ends by itself. It knows neither the view nor how tabs share a line.
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Person, Presence, RoomID, Typing, UserID } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { LiveView } from "./face.ts";
import type { Clock, Page, Wire } from "./parts.ts";

const life = 6000; // of what was said of a room
const renew = 3000; // how often we say that we are still typing
const pause = 60_000; // whoever touches nothing for so long is no longer typing
const gather = 150; // changes on the screen that make one question

const nobody: readonly Person[] = [];

export class Live implements LiveView {
  private readonly rooms = new Map<RoomID, { who: Signal<readonly Person[]>; stop: () => void }>();
  private readonly people = new Map<UserID, Signal<Presence | undefined>>();
  private readonly wanted = new Map<UserID, number>(); // how often each is on the screen, newest last
  private asking = false;
  private asked = "";
  private mine: { room: RoomID; stop: () => void } | null = null; // where I am typing

  constructor(
    private readonly wire: Pick<Wire, "ask" | "watch">,
    private readonly clock: Clock,
    private readonly page: Pick<Page, "focused" | "lastInput">,
    private readonly me: () => UserID | undefined,
  ) {}

  typing(room: RoomID): ReadonlySignal<readonly Person[]> {
    return this.room(room).who;
  }

  present(user: UserID): ReadonlySignal<Presence | undefined> {
    return this.person(user);
  }

  watch(user: UserID): () => void {
    const n = this.wanted.get(user) ?? 0;
    this.wanted.delete(user);
    this.wanted.set(user, n + 1);
    this.soon();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      const left = (this.wanted.get(user) ?? 1) - 1;
      if (left > 0) this.wanted.set(user, left);
      else this.wanted.delete(user);
      this.soon();
    };
  }

  hearTyping({ room, people }: Typing): void {
    const me = this.me();
    const r = this.room(room);
    r.stop();
    const others = people.filter((p) => p.id !== me);
    r.who.value = others.length > 0 ? others : nobody;
    r.stop = others.length > 0 ? this.clock.after(life, () => (r.who.value = nobody)) : () => {};
  }

  // said: whoever has just sent something is no longer typing it.
  said(room: RoomID, user: UserID): void {
    const r = this.rooms.get(room);
    if (r?.who.peek().some((p) => p.id === user)) r.who.value = r.who.peek().filter((p) => p.id !== user);
  }

  hearPresence(people: readonly Presence[]): void {
    batch(() => {
      for (const p of people) this.person(p.user).value = p;
    });
  }

  // down: without a line nobody is known to type, and what is known of presence may be wrong.
  down(): void {
    batch(() => {
      for (const r of this.rooms.values()) {
        r.stop();
        r.who.value = nobody;
      }
      for (const p of this.people.values()) p.value = undefined;
    });
  }

  // wrote tells what stands in the box of a room after the person changed it.
  wrote(room: RoomID, text: string): void {
    if (text.trim() === "") {
      this.cease(room);
      return;
    }
    if (this.mine?.room === room) return; // the timer goes on
    this.cease();
    this.go(room);
  }

  // sent: the server tells the others by the message itself.
  sent(room: RoomID): void {
    if (this.mine?.room !== room) return;
    this.mine.stop();
    this.mine = null;
  }

  // cease ends typing in this room, or wherever it is.
  cease(room = this.mine?.room): void {
    if (!this.mine || this.mine.room !== room) return;
    this.sent(room);
    void this.wire.ask("typing.set", { room, on: false });
  }

  private go(room: RoomID): void {
    void this.wire.ask("typing.set", { room, on: true });
    const stop = this.clock.after(renew, () => {
      if (this.page.focused.peek() && this.clock.now() - this.page.lastInput() < pause) this.go(room);
      else this.mine = null; // it ends by itself
    });
    this.mine = { room, stop };
  }

  private soon(): void {
    if (this.asking) return;
    this.asking = true;
    this.clock.after(gather, () => {
      this.asking = false;
      const users = [...this.wanted.keys()].slice(-limits.watched).sort();
      const text = users.join(" ");
      if (text === this.asked) return;
      this.asked = text;
      for (const id of [...this.people.keys()]) if (!this.wanted.has(id)) this.people.delete(id);
      this.wire.watch(users);
    });
  }

  private room(id: RoomID) {
    let r = this.rooms.get(id);
    if (!r) {
      r = { who: signal(nobody), stop: () => {} };
      this.rooms.set(id, r);
    }
    return r;
  }

  private person(id: UserID): Signal<Presence | undefined> {
    let p = this.people.get(id);
    if (!p) {
      p = signal<Presence | undefined>(undefined);
      this.people.set(id, p);
    }
    return p;
  }
}
