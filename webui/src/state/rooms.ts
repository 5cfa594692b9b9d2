// All rooms that are known, kept up to date. It knows neither what waits to be sent nor who looks.
import { batch, computed, type Signal, signal } from "@preact/signals-core";
import type {
  ChangesPage,
  ErrorCode,
  Message,
  MessageHidden,
  MessageID,
  MessageSent,
  MessagesPage,
  Rev,
  Room,
  RoomID,
  RoomMine,
  RoomPush,
  RoomsPage,
  SendMessage,
  Seq,
  UnreadPage,
  UnreadRoom,
  User,
  UserID,
} from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import { apply, readOn, sent } from "./apply.ts";
import { type CopiedRoom, fromCopy } from "./copied.ts";
import { unwatch, watch, withChanges, withPage, withRoom } from "./merge.ts";
import { mineOf, withMine } from "./naming.ts";
import type { Clock, Http, Outcome } from "./parts.ts";
import type { RoomState } from "./room.ts";
import { eachMessage, hearHidden, hidden, late } from "./wording.ts";

// An answer of ours may overtake an event that was published before it; only what is still missing
// after this is asked for.
const patience = 300;
// A word from the server (title, number) is asked for once for all events of this time.
const gather = 150;
// After more pages of changes than this the window in front is read anew, where its reader may be far up. One that
// nobody looks at is let go after the first, of a hundred: its newest messages come when it is opened.
const longAway = 3;
// Rooms whose messages are kept in memory.
const windows = 20;

export class Rooms {
  readonly loading = signal(false);
  readonly error = signal<ErrorCode | null>(null);
  readonly more = signal(false);
  readonly ids = signal<readonly RoomID[]>([]);
  // Rooms with something to read that the list has not reached yet.
  private readonly elsewhere = signal<ReadonlyMap<RoomID, number>>(new Map());
  // What is unread, as it was when the line came up last.
  unread: readonly UnreadRoom[] = [];
  private readonly states = new Map<RoomID, Signal<RoomState | undefined>>();
  private readonly busy = new Map<RoomID, Promise<ErrorCode | null>>();
  private readonly paging = new Map<RoomID, Promise<ErrorCode | null>>();
  private readonly timed = new Set<RoomID>();
  private opened: RoomID[] = []; // newest last
  private next = "";
  private round = 0; // a sign-in; answers for an earlier one are thrown away
  private me: User | null = null;

  // changed hears of every new value of a room.
  changed: (before: RoomState | undefined, after: RoomState) => void = () => {};

  // front is the room that somebody has before him.
  front: () => RoomID | null = () => null;

  // lost hears of a room that I am no longer in, and who saw to it, where that is known.
  lost: (room: Room, by?: UserID) => void = () => {};

  constructor(
    readonly http: Http,
    private readonly clock: Clock,
  ) {}

  readonly total = computed(() => {
    let n = 0;
    for (const id of this.ids.value) {
      const room = this.of(id).value?.room;
      if (room && !room.muted) n += room.unread;
    }
    for (const unread of this.elsewhere.value.values()) n += unread;
    return n;
  });

  of(id: RoomID): Signal<RoomState | undefined> {
    let s = this.states.get(id);
    if (!s) {
      s = signal<RoomState | undefined>(undefined);
      this.states.set(id, s);
    }
    return s;
  }

  reset(me: User | null): void {
    batch(() => {
      this.round++;
      this.me = me;
      for (const s of this.states.values()) s.value = undefined;
      this.states.clear();
      this.busy.clear();
      this.paging.clear();
      this.opened = [];
      this.next = "";
      this.ids.value = [];
      this.elsewhere.value = new Map();
      this.unread = [];
      this.more.value = false;
      this.error.value = null;
      this.loading.value = me !== null;
    });
  }

  // restore takes in what an earlier run of the page knew. What is known already is newer.
  async restore(rooms: readonly Room[], windows: readonly CopiedRoom[]): Promise<void> {
    const me = this.me;
    if (!me) return;
    const behind: RoomID[] = [];
    batch(() => {
      for (const w of windows) {
        const id = w.room.id;
        const now = this.of(id).peek();
        if (now?.loaded) continue;
        this.opened = [id, ...this.opened];
        this.set(id, now ? withRoom(fromCopy(w), now.room, me.id) : fromCopy(w));
        if (now && now.rev > w.rev) behind.push(id);
      }
      for (const room of rooms) if (!this.of(room.id).peek() || this.of(room.id).peek()?.loaded) this.take(room);
      this.loading.value &&= this.ids.peek().length === 0;
    });
    await Promise.all(behind.map((id) => this.refresh(id)));
  }

  all(): Room[] {
    return this.ids.peek().flatMap((id) => this.of(id).peek()?.room ?? []);
  }

  // windowed are the rooms whose newest messages are in memory.
  windowed(): RoomState[] {
    const states = this.opened.map((id) => this.of(id).peek());
    return states.filter((s): s is RoomState => s?.loaded === true && s.messages.length > 0);
  }

  hear(push: RoomPush): void {
    const s = this.of(push.room).peek();
    if (!s) {
      void this.refresh(push.room);
      return;
    }
    if (!this.me) return;
    const next = apply(s, push, this.me.id);
    this.set(push.room, next);
    if (next.gone) this.lost(s.room, push.ev === "room.members" ? push.data.by : undefined);
  }

  // hearMine takes in how I have set a room up, on whatever device.
  hearMine(mine: RoomMine): void {
    const s = this.of(mine.room).peek();
    if (s && this.me) this.set(mine.room, withMine(s, mine, this.me.id));
  }

  // ask brings one room's summary up to date.
  async ask(id: RoomID): Promise<void> {
    await this.members(id);
  }

  // setMine shows at once what the server is about to hear; its word, which has a version, replaces it.
  setMine(id: RoomID, change: Partial<RoomMine>): void {
    const s = this.of(id).peek();
    if (s && this.me) this.set(id, withMine(s, { ...mineOf(s.room), ...change }, this.me.id));
  }

  sent(ask: SendMessage, reply: MessageSent): void {
    const s = this.of(ask.room).peek();
    if (s && this.me) this.set(ask.room, sent(s, ask, reply, this.me.name, this.me.id));
    else void this.refresh(ask.room);
  }

  // hearHidden takes in what I deleted for myself, on whatever device.
  hearHidden(h: MessageHidden): void {
    const s = this.of(h.room).peek();
    if (s && this.me) this.set(h.room, hearHidden(s, h, this.me.id));
  }

  // hide shows at once what the server is about to hear.
  hide(id: RoomID, ids: readonly MessageID[] | "all"): void {
    const s = this.of(id).peek();
    if (!s || !this.me) return;
    const all = ids === "all";
    this.set(id, hidden(s, all ? [] : ids, all ? s.room.seq : (0 as Seq), this.me.id));
  }

  // amend shows a change of one message at once; the server's word, which has a rev, replaces it.
  amend(id: RoomID, message: MessageID, how: (m: Message, me: User) => Message): void {
    const s = this.of(id).peek();
    const { me } = this;
    if (s && me)
      this.set(
        id,
        eachMessage(s, (m) => (m.id === message ? how(m, me) : m)),
      );
  }

  // readTo moves my own cursor at once; the server hears of it from elsewhere.
  readTo(id: RoomID, seq: Seq): boolean {
    const s = this.of(id).peek();
    if (!s || !this.me || seq <= s.room.read) return false;
    this.set(id, readOn(s, [{ user: this.me.id, seq }], this.me.id));
    return true;
  }

  // catchUp is called whenever the line comes up: it asks for what may have been missed.
  async catchUp(): Promise<void> {
    const round = this.round;
    const want = Math.max(limits.pageDefault, this.ids.peek().length);
    this.loading.value = this.ids.peek().length === 0;
    const seen = new Set<RoomID>();
    const stale: RoomID[] = [];
    let cursor = "";
    do {
      const [page, unread] = await Promise.all([
        this.http.get<RoomsPage>(`rooms?limit=${Math.min(want, limits.roomsPage)}${cursor && `&cursor=${cursor}`}`),
        cursor ? undefined : this.http.get<UnreadPage>("unread"),
      ]);
      if (round !== this.round) return;
      if (page.error) {
        this.loading.value = false;
        this.error.value = page.error.code;
        return;
      }
      batch(() => {
        for (const room of page.data.rooms) {
          seen.add(room.id);
          if (this.take(room)) stale.push(room.id);
        }
        this.error.value = null;
        this.loading.value = false;
        this.next = cursor = page.data.next ?? "";
        this.more.value = cursor !== "";
        if (unread?.data) {
          this.unread = unread.data.rooms;
          const known = new Set(this.ids.peek());
          this.elsewhere.value = new Map(
            unread.data.rooms.filter((r) => !r.muted && !known.has(r.id)).map((r) => [r.id, r.unread]),
          );
        }
      });
    } while (cursor && seen.size < want);
    // What the list no longer holds is gone, or has sunk below what was asked for.
    for (const id of this.ids.peek()) if (!seen.has(id)) stale.push(id);
    await Promise.all(stale.map((id) => this.refresh(id)));
  }

  async morePlease(): Promise<void> {
    if (!this.next || this.loading.peek()) return;
    const round = this.round;
    this.loading.value = true;
    const page = await this.http.get<RoomsPage>(`rooms?limit=${limits.pageDefault}&cursor=${this.next}`);
    if (round !== this.round) return;
    const stale: RoomID[] = [];
    batch(() => {
      this.loading.value = false;
      this.error.value = page.error?.code ?? null;
      if (page.error) return;
      for (const room of page.data.rooms) if (this.take(room)) stale.push(room.id);
      this.next = page.data.next ?? "";
      this.more.value = this.next !== "";
    });
    await Promise.all(stale.map((id) => this.refresh(id)));
  }

  // take puts a summary in and reports whether the room's messages are behind it.
  take(room: Room): boolean {
    if (!this.me) return false;
    const s = this.of(room.id).peek();
    this.set(room.id, withRoom(s, room, this.me.id));
    return s?.loaded === true && (room.rev > s.rev || (room.hides ?? 0) > (s.room.hides ?? 0));
  }

  // watch loads the newest messages and all members, once.
  async watch(id: RoomID): Promise<ErrorCode | null> {
    this.opened = [...this.opened.filter((x) => x !== id), id];
    for (const old of this.opened.splice(0, Math.max(0, this.opened.length - windows))) {
      const s = this.of(old).peek();
      if (s) this.of(old).value = unwatch(s);
    }
    const known = this.of(id).peek();
    if (!known) {
      const bad = await this.refresh(id);
      if (bad) return bad;
    }
    const s = this.of(id).peek();
    if (!s || s.loaded) return this.paging.get(id) ?? null;
    this.set(id, watch(s));
    if (!s.whole) void this.members(id);
    const wanted = Math.min(limits.pageMax, Math.max(limits.pageDefault, s.room.unread + 10));
    const bad = await this.page(id, `limit=${wanted}`);
    const now = this.of(id).peek();
    // Without its page the window is none: the next look tries again.
    if (bad && now) this.of(id).value = unwatch(now);
    return bad;
  }

  async older(id: RoomID): Promise<ErrorCode | null> {
    const s = this.of(id).peek();
    if (!s?.loaded || !s.more || this.paging.has(id)) return null;
    const lowest = s.messages[0]?.seq;
    return this.page(id, `limit=${limits.pageMax}${lowest === undefined ? "" : `&before=${lowest}`}`);
  }

  // join extends a window downwards by messages that reach it.
  join(id: RoomID, messages: readonly Message[], more: boolean): void {
    const s = this.of(id).peek();
    if (s?.loaded && this.me) this.set(id, withPage(s, messages, more, this.me.id));
  }

  isPaging(id: RoomID): boolean {
    return this.paging.has(id);
  }

  private page(id: RoomID, query: string): Promise<ErrorCode | null> {
    const round = this.round;
    const run = async (again = 2): Promise<ErrorCode | null> => {
      const page = await this.http.get<MessagesPage>(`rooms/${encodeURIComponent(id)}/messages?${query}`);
      const s = this.of(id).peek();
      if (round === this.round && s && page.data && again > 0 && late(s, page.data.messages)) return run(again - 1);
      this.paging.delete(id);
      if (round !== this.round || !s || !this.me) return null;
      if (page.error) return this.refused(id, page);
      if (s.loaded) this.set(id, withPage(s, page.data.messages, page.data.more, this.me.id));
      return null;
    };
    const going = run();
    this.paging.set(id, going);
    return going;
  }

  private async members(id: RoomID): Promise<void> {
    const round = this.round;
    const room = await this.http.get<Room>(`rooms/${encodeURIComponent(id)}`);
    if (round === this.round && room.data && this.take(room.data)) await this.refresh(id);
  }

  // refresh asks for what is missing in one room, once at a time.
  refresh(id: RoomID): Promise<ErrorCode | null> {
    const going = this.busy.get(id);
    if (going) return going;
    const run = this.catchUpRoom(id, this.round).then((bad) => {
      this.busy.delete(id);
      const s = this.of(id).peek();
      // After a refusal the next catch-up asks again; asking at once would only hammer.
      if (!bad && s && (s.ahead.length > 0 || s.unsure)) this.soon(id, s);
      return bad;
    });
    this.busy.set(id, run);
    return run;
  }

  private async catchUpRoom(id: RoomID, round: number): Promise<ErrorCode | null> {
    const path = `rooms/${encodeURIComponent(id)}`;
    let since: Rev | null = null;
    for (let pages = 0; ; pages++) {
      const s = this.of(id).peek();
      if (!s?.loaded) break;
      since ??= s.rev;
      const some = id === this.front() ? "" : `&limit=${limits.pageMax}`;
      const page: Outcome<ChangesPage> = await this.http.get(
        `${path}/changes?since=${since}&hides=${s.room.hides ?? 0}${some}`,
      );
      const now = this.of(id).peek();
      if (round !== this.round || !now || !this.me) return null;
      if (page.error) return this.refused(id, page);
      this.set(id, withChanges(now, page.data, this.me.id));
      if (!page.data.more) break;
      since = page.data.rev;
      const front = id === this.front();
      if (pages >= (front ? longAway : 0)) {
        // Fresh messages are worth more than every step on the way to them.
        this.of(id).value = { ...unwatch(now), ahead: [] };
        await this.members(id);
        return id === this.front() ? this.watch(id) : null;
      }
    }
    const s = this.of(id).peek();
    if (s?.loaded && !s.unsure && !s.gone) return null;
    const room = await this.http.get<Room>(path);
    if (round !== this.round) return null;
    if (room.error) return this.refused(id, room);
    this.take(room.data);
    return null;
  }

  private refused(id: RoomID, answer: Outcome<unknown>): ErrorCode {
    const code = answer.error?.code ?? "internal";
    if (code === "not_found" || code === "forbidden") {
      const room = this.of(id).peek()?.room;
      this.forget(id);
      if (room) this.lost(room);
    }
    return code;
  }

  forget(id: RoomID): void {
    batch(() => {
      this.of(id).value = undefined;
      this.opened = this.opened.filter((x) => x !== id);
      this.ids.value = this.ids.peek().filter((x) => x !== id);
    });
  }

  private set(id: RoomID, s: RoomState): void {
    const at = this.of(id);
    const before = at.peek();
    if (s === before) return;
    if (s.gone) {
      this.forget(id);
      return;
    }
    batch(() => {
      at.value = s;
      if (!this.ids.peek().includes(id)) this.ids.value = [...this.ids.peek(), id];
      if (this.elsewhere.peek().has(id)) {
        const rest = new Map(this.elsewhere.peek());
        rest.delete(id);
        this.elsewhere.value = rest;
      }
    });
    if (s.ahead.length > 0 || s.unsure) this.soon(id, s);
    this.changed(before, s);
  }

  private soon(id: RoomID, s: RoomState): void {
    if (this.timed.has(id)) return;
    this.timed.add(id);
    // Everybody in a large room heard the same, also where it was only shown that the room went on; they
    // need not ask in the same moment.
    const missing = s.ahead.some((p) => p.base < p.rev);
    const crowd = missing ? 0 : this.clock.random() * Math.min(5000, s.room.memberCount * 5);
    this.clock.after((s.ahead.length > 0 ? patience : gather) + crowd, () => {
      this.timed.delete(id);
      const now = this.of(id).peek();
      if (now && (now.ahead.length > 0 || now.unsure)) void this.refresh(id);
    });
  }
}
