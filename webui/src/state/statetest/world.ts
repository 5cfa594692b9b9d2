// The parts of the outside world as a test has them: a server in memory, storage that survives a
// reload, a page somebody may look at.
import { signal } from "@preact/signals-core";
import type {
  Attention,
  Decided,
  Fault,
  Hello,
  Instant,
  MessageID,
  NotifySettings,
  Op,
  Push,
  Replies,
  Requests,
  RoomID,
  RoomPush,
  SendMessage,
  Seq,
  UserID,
} from "../../gen/protocol.ts";
import type { Banner } from "../face.ts";
import type { Bucket, Heard, Keep, Outcome, Parts, Wire, Word } from "../parts.ts";
import { StillClock, settle } from "./clock.ts";
import { House } from "./house.ts";

const refuse = (code: Fault["code"]): Outcome<never> => ({ error: { code, message: "" } });

export class World {
  readonly me = "kim" as UserID;
  readonly clock = new StillClock();
  readonly houses = new Map<RoomID, House>();
  readonly kept = new Map<Bucket, Map<string, unknown>>();
  readonly copied = new Map<string, unknown>();
  readonly asked: { op: Op; data: unknown }[] = [];
  readonly got: string[] = [];
  readonly said: Word[] = [];
  readonly popups = new Map<RoomID, Banner>();
  popupCount = 0;
  sounds = 0;
  mine: NotifySettings = { notifyOff: false, hideBody: false, hideSender: false, quietHours: [] };
  readonly judged = new Map<string, Decided[]>();
  signedIn = true;
  ticket = false; // this computer has one
  down = false;
  changesMax = 100; // of one page; less than the server's, so that gaps are long soon
  lag = 0; // ms that an answer is under way
  leading = true; // this tab holds the socket
  busy = false; // the server refuses all commands for the moment
  reach: number | null = null; // of how many other devices the server says that they were asked; null is an older one
  redial: (() => void) | null = null; // what a dial at once brings
  mute = false; // the server takes what is asked and does not answer in time
  attention: Attention = { room: "", focused: false, idle: 0, locked: false, quiet: "" as Instant };
  reloaded = 0;
  private ids = 0;
  private hear: (h: Heard) => void = () => {};
  private leave: (() => void)[] = [];
  private input: () => void = () => {};
  private changed: (bucket: Bucket, key: string, value: unknown) => void = () => {};
  private lastInput = this.clock.now();
  readonly focused = signal(true);
  readonly room = signal<RoomID | null>(null);

  house(id = "r1" as RoomID, others: readonly string[] = ["lee"]): House {
    let h = this.houses.get(id);
    if (!h) {
      h = new House(this.me, others as UserID[], id);
      this.houses.set(id, h);
    }
    return h;
  }

  parts(): Parts {
    return {
      clock: this.clock,
      wire: this.wire(),
      keep: this.keep(),
      copy: {
        read: async (keys) => keys.map((k) => this.copied.get(k)),
        all: async () => [...this.copied.values()],
        write: (put, drop) => {
          for (const [k, v] of Object.entries(put)) this.copied.set(k, structuredClone(v));
          for (const k of drop) this.copied.delete(k);
        },
        wipe: () => this.copied.clear(),
      },
      http: {
        get: async <T>(path: string) => {
          const answer = structuredClone(this.get(path)) as Outcome<T>;
          // What was read a moment ago arrives now.
          if (this.lag > 0) await new Promise<void>((done) => this.clock.after(this.lag, done));
          return answer;
        },
        put: async <T>(path: string, patch: unknown) => {
          if (this.down) return refuse("unavailable");
          if (path !== "me/settings") return { data: {} as T };
          this.mine = { ...this.mine, ...(patch as object) };
          return { data: this.mine as T };
        },
        post: async <T>(path: string) => {
          if (this.down) return refuse("unavailable");
          if (path === "auth/kerberos" && !this.ticket) return refuse("unauthenticated");
          if (path === "auth/login" || path === "auth/kerberos") this.signedIn = true;
          if (path === "auth/logout") this.signedIn = false;
          return { data: { user: { id: this.me, name: "Kim" } } as T };
        },
        send: async <T>() => (this.down ? refuse("unavailable") : { data: {} as T }),
        drop: async <T>() => (this.down ? refuse("unavailable") : { data: {} as T }),
      },
      page: {
        focused: this.focused,
        room: this.room,
        alone: null,
        popOut: () => {},
        message: signal<MessageID | null>(null),
        go: (id) => {
          this.room.value = id;
        },
        seq: () => 0 as Seq,
        lastInput: () => this.lastInput,
        onInput: (run) => {
          this.input = run;
        },
        newId: () => `own${++this.ids}` as MessageID,
        painted: async () => {},
        leave: () => {},
        reload: () => {
          this.reloaded++;
        },
        onLeave: (run) => this.leave.push(run),
      },
      popups: {
        may: signal("granted"),
        ask: async () => {},
        show: (banner, _, sound) => {
          this.popupCount++;
          if (sound !== "none") this.sounds++;
          this.popups.set(banner.room, banner);
        },
        reword: (banner) => {
          if (this.popups.has(banner.room)) this.popups.set(banner.room, banner);
        },
        close: (room) => this.popups.delete(room),
      },
      verdicts: {
        own() {},
        add: (room, seq, decided) => {
          const at = `${room}/${seq}`;
          this.judged.set(at, [...(this.judged.get(at) ?? []), decided]);
        },
        get: async (room, seq) => this.judged.get(`${room}/${seq}`) ?? [],
      },
      tray: null,
      lang: "en",
    };
  }

  // push says an event to the page; what the server said before stays its own business.
  async push(...events: (RoomPush | Exclude<Push, { ev: "hello" }> | null)[]): Promise<void> {
    for (const e of events) if (e) this.hear({ kind: "push", push: structuredClone(e) as never });
    await settle();
  }

  async hello(away = Number.POSITIVE_INFINITY, more: Partial<Hello> = {}): Promise<void> {
    this.down = false;
    this.hear({ kind: "link", link: { state: "online", since: this.clock.now() } });
    const hello = {
      user: { id: this.me, name: "Kim" },
      device: "web",
      session: "s",
      server: { version: "1", node: "n", ui: "u1", cancelWindow: 86400, editWindow: 86400 },
      heartbeat: 25,
      attention: [],
      native: [],
      ...more,
    } as unknown as Hello;
    this.hear({ kind: "hello", hello, away });
    await settle();
  }

  cut(): void {
    this.down = true;
    this.hear({ kind: "link", link: { state: "offline", since: this.clock.now() } });
  }

  // elsewhere is what another tab has put or dropped.
  elsewhere(bucket: Bucket, key: string, value: unknown): void {
    this.changed(bucket, key, value);
  }

  word(word: Word): void {
    this.hear({ kind: "word", word });
  }

  touch(): void {
    this.lastInput = this.clock.now();
    this.input();
  }

  goAway(): void {
    for (const run of this.leave) run();
  }

  ops(op: Op): unknown[] {
    return this.asked.filter((a) => a.op === op).map((a) => a.data);
  }

  private wire(): Wire {
    return {
      listen: (ear) => {
        this.hear = ear;
      },
      start() {},
      stop() {},
      retry: () => this.redial?.(),
      useHere() {},
      leads: () => this.leading,
      tell: (word) => this.said.push(word),
      attend: (a) => {
        this.attention = a;
      },
      watch: () => {},
      attended: () => ({ attention: this.attention, at: this.clock.now() }),
      ask: async <O extends Op>(op: O, data: Requests[O]): Promise<Outcome<Replies[O]>> => {
        if (this.down) return refuse("unavailable");
        this.asked.push({ op, data: structuredClone(data) });
        await Promise.resolve();
        if (this.busy) return refuse("rate_limited");
        const answer = this.answer(op, data);
        if (this.mute) return refuse("unavailable");
        return answer as Outcome<Replies[O]>;
      },
    };
  }

  private answer(op: Op, data: unknown): Outcome<unknown> {
    const of = data as SendMessage & { seq: number };
    const house = this.houses.get(of.room);
    switch (op) {
      case "message.send": {
        if (!house) return refuse("not_found");
        const reply = house.sentReply(house.send(of, this.me));
        if (!this.mute) this.hear({ kind: "sent", ask: of, reply });
        return { data: reply };
      }
      case "alert.why":
      case "alert.whether":
        return { data: this.reach === null ? {} : { devices: this.reach } };
      case "message.read":
        house?.read(this.me, of.seq);
        return { data: {} };
      default:
        return { data: {} };
    }
  }

  private get(path: string): Outcome<unknown> {
    this.got.push(path);
    if (this.down) return refuse("unavailable");
    if (!this.signedIn) return refuse("unauthenticated");
    const url = new URL(path, "http://x/");
    const [what, id, part] = url.pathname.slice(1).split("/");
    const number = (name: string): number | undefined => {
      const text = url.searchParams.get(name);
      return text === null ? undefined : Number(text);
    };
    if (what === "me" && id === "settings") return { data: this.mine };
    if (what === "me") return { data: { id: this.me, name: "Kim" } };
    if (what === "unread") return { data: { total: 0, rooms: [...this.houses.values()].flatMap((h) => h.toRead()) } };
    if (what !== "rooms") return refuse("not_found");
    if (!id) {
      const all = [...this.houses.values()].map((h) => h.room()).sort((a, b) => (a.at < b.at ? 1 : -1));
      const from = Number(url.searchParams.get("cursor") ?? 0);
      const limit = number("limit") ?? 50;
      const next = from + limit < all.length ? String(from + limit) : undefined;
      return { data: { rooms: all.slice(from, from + limit), ...(next ? { next } : {}) } };
    }
    const house = this.houses.get(decodeURIComponent(id) as RoomID);
    if (!house) return refuse("not_found");
    if (part === "messages") {
      const limit = number("limit") ?? 50;
      const page = house.page(number("before"), limit + 1);
      return { data: { messages: page.slice(-limit), more: page.length > limit } };
    }
    const most = this.changesMax;
    if (part === "changes")
      return { data: house.changes(number("since") ?? 0, Math.min(number("limit") ?? most, most), number("hides")) };
    return { data: house.room() };
  }

  private keep(): Keep {
    const bucket = (b: Bucket): Map<string, unknown> => {
      let m = this.kept.get(b);
      if (!m) {
        m = new Map();
        this.kept.set(b, m);
      }
      return m;
    };
    return {
      outbox: true,
      own() {},
      all: async (b) => Object.fromEntries(bucket(b)),
      put: (b, k, v) => bucket(b).set(k, structuredClone(v)),
      drop: (b, k) => bucket(b).delete(k),
      changed: (ear) => {
        const before = this.changed;
        this.changed = (b, k, v) => {
          before(b, k, v);
          ear(b, k, v);
        };
      },
    };
  }
}
