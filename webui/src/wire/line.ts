// One WebSocket, or what stands for it: hello, asking and being answered, signs of life, coming back. It knows neither tabs
// nor what the events mean.
import type {
  Attention,
  Fault,
  Hello,
  MessageSent,
  Op,
  Presences,
  Push,
  Replaced,
  SendMessage,
  UserID,
} from "../gen/protocol.ts";
import { closes } from "../gen/protocol.ts";
import type { LinkView } from "../state/face.ts";
import type { Clock, Outcome } from "../state/parts.ts";

const sendPatience = 5000; // the send timeout of the design
const pongPatience = 10_000; // any frame within this after a ping
const helloPatience = 10_000;
const steady = 10_000; // a line that stood this long starts the back-off anew
const shortLived = 60_000; // a WebSocket that was cut before; so many in a row are no accident
const shortLimit = 3;
// When to try a WebSocket again while the line goes over plain HTTP; the last one stays.
const trials = [60_000, 300_000, 900_000, 1_800_000];
const longest = 60_000;

// The part of a WebSocket that is used.
export interface Socket {
  send(text: string): void;
  close(code?: number): void;
  onmessage: ((e: { data: unknown }) => void) | null;
  onclose: ((e: { code: number }) => void) | null;
}

export interface LineEars {
  hello(hello: Hello, away: number): void;
  push(push: Exclude<Push, { ev: "hello" }>): void;
  sent(ask: SendMessage, reply: MessageSent): void; // also when nobody waits for the answer any more
  link(link: LinkView): void;
}

export interface LineParts {
  readonly dial: (plain: boolean) => Socket;
  // through tries whether a WebSocket gets through by now.
  readonly through: () => Promise<boolean>;
  // probe asks over HTTP why the door stays shut; it renews the tokens on the way.
  readonly probe: () => Promise<"in" | "out" | "unknown">;
  readonly clock: Clock;
  readonly ears: LineEars;
}

interface Asked {
  readonly op: Op;
  readonly data: unknown;
  readonly done: (answer: Outcome<unknown>) => void;
}

const unavailable: Outcome<never> = { error: { code: "unavailable", message: "" } };

export class Line {
  link: LinkView;
  hello: Hello | null = null;
  private socket: Socket | null = null;
  private wanted = false;
  private next = 1;
  private readonly asked = new Map<number, Asked>();
  private held: string[] = []; // while the first hello is on its way
  private attention: Attention | null = null;
  private users: readonly UserID[] = []; // whom we watch
  private pushed = new Set<UserID>(); // of whom we heard since we last asked
  private tries = 0;
  private rushed = false; // dialled without a wait, after the probe said that we may
  private up = 0; // when the present line came up
  private lost: number; // when the last one went
  private ever = false;
  private heard = 0;
  private by: Replaced | undefined;
  private plain = false; // over plain HTTP, because something on the way lets no WebSocket through
  private tried = 0; // how often a WebSocket was tried in vain since
  private short = 0; // WebSockets in a row that were cut soon
  private answered = false; // anything was answered over the present line
  private stopBeat: () => void = () => {};
  private stopWait: () => void = () => {};
  private stopTrial: () => void = () => {};

  constructor(private readonly parts: LineParts) {
    this.lost = parts.clock.now();
    this.link = { state: "connecting", since: this.lost };
  }

  // since says that another tab held the line until then, so that a hand-over counts as a short gap; plain, which way
  // it went.
  takeOver(lost: number, plain: boolean): void {
    this.lost = lost;
    this.ever = true;
    this.plain = plain;
  }

  // open does nothing to a line that was replaced: only the person takes the session back.
  open(): void {
    if (this.link.state === "replaced") return;
    this.wanted = true;
    if (!this.socket) this.dial();
  }

  close(): void {
    this.wanted = false;
    this.stopWait();
    this.drop(1000);
    this.hello = null;
    this.ever = false;
    this.link = { state: "connecting", since: this.parts.clock.now() };
  }

  // retry connects now where the line waits, and makes sure of it where it seems to stand.
  retry(): void {
    if (!this.wanted || this.link.state === "replaced" || this.link.state === "signed_out") return;
    if (!this.socket) {
      this.tries = 0;
      this.dial();
    } else if (this.hello) {
      this.beat(true);
    }
  }

  useHere(): void {
    this.wanted = true;
    this.tries = 0;
    if (!this.socket) this.dial();
  }

  attend(attention: Attention): void {
    this.attention = attention;
    if (this.hello) this.tell();
  }

  watch(users: readonly UserID[]): void {
    const none = this.users.length === 0 && users.length === 0;
    this.users = users;
    if (this.hello && !none) void this.see();
  }

  // see asks how those are whom we watch. A push that came meanwhile is newer than the answer.
  private async see(): Promise<void> {
    const { users } = this;
    this.pushed.clear();
    const { data } = (await this.ask("presence.watch", { users })) as { data?: Partial<Presences> };
    if (!data?.people || users !== this.users) return;
    const people = data.people.filter((p) => !this.pushed.has(p.user));
    this.parts.ears.push({ ev: "presence", data: { people } });
  }

  ask(op: Op, data: unknown): Promise<Outcome<unknown>> {
    if (!this.socket) return Promise.resolve(unavailable);
    const id = this.next++;
    const frame = JSON.stringify({ id, op, data });
    return new Promise((resolve) => {
      const stop = this.parts.clock.after(sendPatience, () => resolve(unavailable));
      const done = (answer: Outcome<unknown>): void => {
        stop();
        resolve(answer);
      };
      this.asked.set(id, { op, data, done });
      if (this.hello) this.socket?.send(frame);
      else this.held.push(frame);
    });
  }

  private dial(): void {
    const { clock } = this.parts;
    this.stopWait();
    this.by = undefined;
    if (this.link.state !== "offline" || this.tries === 0) this.say("connecting");
    let socket: Socket;
    try {
      socket = this.parts.dial(this.plain);
    } catch {
      this.again();
      return;
    }
    this.socket = socket;
    this.answered = false;
    const late = clock.after(helloPatience, () => this.cut(socket, true));
    socket.onmessage = (e) => {
      if (this.socket !== socket) return;
      this.heard = clock.now();
      const frame = read(e.data);
      if (!frame) return;
      if ("ev" in frame && frame.ev === "hello") {
        late();
        this.greet(frame.data);
      } else if ("ev" in frame) {
        if (frame.ev === "replaced") this.by = frame.data;
        if (frame.ev === "presence") for (const p of frame.data.people) this.pushed.add(p.user);
        this.parts.ears.push(frame);
      } else this.answer(frame);
    };
    socket.onclose = (e) => {
      late();
      if (this.socket === socket) void this.ended(e.code);
    };
  }

  private greet(hello: Hello): void {
    const { clock, ears } = this.parts;
    const away = this.ever ? clock.now() - this.lost : Number.POSITIVE_INFINITY;
    this.ever = true;
    this.hello = hello;
    this.rushed = false;
    this.up = clock.now();
    if (this.plain) this.trial();
    this.say("online");
    ears.hello(hello, away);
    if (this.attention) this.tell();
    if (this.users.length > 0) void this.see();
    for (const frame of this.held) this.socket?.send(frame);
    this.held = [];
    this.beat(false);
  }

  private tell(): void {
    void this.ask("attention.set", this.attention);
  }

  private answer(frame: Reply): void {
    const a = this.asked.get(frame.re);
    if (!a) return;
    this.asked.delete(frame.re);
    this.answered = true;
    if (frame.error) {
      a.done({ error: frame.error });
      return;
    }
    if (a.op === "message.send") this.parts.ears.sent(a.data as SendMessage, frame.data as MessageSent);
    a.done({ data: frame.data });
  }

  // beat pings after `heartbeat` seconds of silence, or at once, and gives up when nothing follows.
  private beat(now: boolean): void {
    const { clock } = this.parts;
    this.stopBeat();
    const socket = this.socket;
    const every = (this.hello?.heartbeat ?? 25) * 1000;
    const silent = clock.now() - this.heard;
    if (!now && silent < every) {
      this.stopBeat = clock.after(every - silent, () => this.beat(false));
      return;
    }
    const pinged = clock.now();
    void this.ask("ping", {});
    this.stopBeat = clock.after(pongPatience, () => {
      if (this.socket !== socket || !socket) return;
      if (this.heard >= pinged) this.beat(false);
      else this.cut(socket);
    });
  }

  // trial leaves plain HTTP once a WebSocket gets through.
  private trial(): void {
    const { clock, through } = this.parts;
    const { socket } = this;
    this.stopTrial();
    this.stopTrial = clock.after(trials[Math.min(this.tried, trials.length - 1)] as number, async () => {
      const good = await through();
      if (this.socket !== socket) return;
      if (!good) {
        this.tried++; // only now: a line that was cut before it has tried nothing
        this.trial();
        return;
      }
      this.lost = clock.now();
      this.plain = false;
      this.tried = 0;
      this.drop(1000);
      this.hello = null;
      this.dial();
    });
  }

  // cut gives a line up without waiting for the closing handshake, which a dead one never answers.
  private cut(socket: Socket, hung = false): void {
    if (this.socket !== socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    void this.ended(4008, hung);
  }

  private drop(code: number): void {
    const socket = this.socket;
    this.fail();
    if (!socket) return;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close(code);
  }

  private fail(): void {
    this.socket = null;
    this.held = [];
    this.stopBeat();
    this.stopTrial();
    for (const a of this.asked.values()) a.done(unavailable);
    this.asked.clear();
  }

  private async ended(code: number, hung = false): Promise<void> {
    const { clock } = this.parts;
    const greeted = this.hello !== null;
    const was = this.plain;
    this.hello = null;
    this.fail();
    if (greeted) {
      this.lost = clock.now();
      if (this.lost - this.up >= steady) this.tries = 0;
      if (!was) this.judge(code);
    }
    const known = closes.find((c) => c.code === code);
    if (known && !known.comeBack) {
      this.wanted = false;
      this.say(code === 4001 ? "replaced" : "signed_out");
      return;
    }
    if (!this.wanted) return;
    if (!greeted) {
      // The browser does not say why: it may be the token, the server, or the line.
      const why = await this.parts.probe();
      if (!this.wanted || this.socket) return;
      if (why === "out") {
        this.wanted = false;
        this.say("signed_out");
        return;
      }
      // The way is free and the token is fresh now: once more, at once. When that was no help, or nobody said anything,
      // something on the way lets no WebSocket through.
      if (why === "in" && !was && (this.rushed || hung)) {
        this.plain = true;
        this.dial();
        return;
      }
      if (why === "in" && !this.rushed) {
        this.rushed = true;
        this.dial();
        return;
      }
      if (why === "in")
        this.plain = false; // this way is none either
      else this.short = 0; // the server was away: that others were cut soon says nothing of the way
    }
    this.again();
  }

  // judge looks at how a WebSocket ended that had begun well: one that carried nothing we asked, or several in a row that
  // were cut soon, speak for a box on the way.
  private judge(code: number): void {
    const cut = code === 1006;
    this.short = cut && this.lost - this.up < shortLived ? this.short + 1 : 0;
    if (this.short < shortLimit && (code !== 4008 || this.answered)) return;
    this.short = 0;
    this.tried = 0;
    this.plain = true;
  }

  // again waits, longer each time, and never as long as the others, so that a restarted server does
  // not meet everybody at once.
  private again(): void {
    const { clock } = this.parts;
    this.rushed = false;
    const most = Math.min(longest, 1000 * 2 ** this.tries);
    const wait = this.tries === 0 ? clock.random() * most : most * (0.5 + clock.random() / 2);
    this.tries = Math.min(this.tries + 1, 10);
    this.say(this.tries > 1 ? "offline" : "connecting");
    this.stopWait();
    this.stopWait = clock.after(wait, () => this.dial());
  }

  private say(state: LinkView["state"]): void {
    const plain = state === "online" && this.plain;
    if (this.link.state === state && (this.link.plain ?? false) === plain) return;
    this.link = {
      state,
      ...(plain ? { plain } : {}),
      since: this.parts.clock.now(),
      ...(state === "replaced" && this.by ? { by: this.by } : {}),
    };
    this.parts.ears.link(this.link);
  }
}

type Reply = { readonly re: number; readonly data?: unknown; readonly error?: Fault };

function read(data: unknown): Push | Reply | null {
  if (typeof data !== "string") return null;
  try {
    const frame = JSON.parse(data) as Push | Reply | null;
    if (typeof frame !== "object" || frame === null) return null;
    return "ev" in frame || typeof frame.re === "number" ? frame : null;
  } catch {
    return null;
  }
}
