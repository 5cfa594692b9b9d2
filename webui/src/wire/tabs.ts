// All tabs of a browser share one socket. The tab that holds the claim has the line; the others hear
// what it hears and ask through it. When it goes, the next one takes over; what fell in between comes
// by rev.
import type {
  Attention,
  Hello,
  Instant,
  MessageSent,
  Op,
  Push,
  Replies,
  Requests,
  SendMessage,
  UserID,
} from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { LinkView } from "../state/face.ts";
import type { Clock, Heard, Outcome, Wire, Word } from "../state/parts.ts";
import type { Claims } from "./claims.ts";
import { Line, type Socket } from "./line.ts";

// The leader itself answers after 5 s; beyond this it is gone.
const leaderPatience = 7000;

export interface Channel {
  post(note: Note): void;
  onnote: (note: Note) => void;
}

export interface TabsParts {
  readonly id: string; // of this tab
  readonly channel: Channel;
  readonly claims: Claims;
  readonly clock: Clock;
  readonly dial: (plain: boolean) => Socket;
  readonly through: () => Promise<boolean>;
  readonly probe: () => Promise<"in" | "out" | "unknown">;
}

export type Note =
  | { readonly t: "join"; readonly from: string }
  // A new leader says so to all, an old one to who joins.
  | { readonly t: "leader"; readonly to?: string; readonly link: LinkView; readonly hello: Hello | null }
  | { readonly t: "hello"; readonly hello: Hello; readonly away: number }
  | { readonly t: "push"; readonly push: Exclude<Push, { ev: "hello" }> }
  | { readonly t: "sent"; readonly ask: SendMessage; readonly reply: MessageSent }
  | { readonly t: "link"; readonly link: LinkView }
  | { readonly t: "ask"; readonly from: string; readonly n: number; readonly op: Op; readonly data: unknown }
  | { readonly t: "answer"; readonly to: string; readonly n: number; readonly answer: Outcome<unknown> }
  | { readonly t: "attend"; readonly from: string; readonly attention: Attention }
  | { readonly t: "watch"; readonly from: string; readonly users: readonly UserID[] }
  | { readonly t: "do"; readonly what: "start" | "retry" | "here" }
  | { readonly t: "word"; readonly word: Word };

const nobody: Attention = { room: "", focused: false, idle: 180, locked: false, quiet: "" as Instant };
const unavailable: Outcome<never> = { error: { code: "unavailable", message: "" } };

export function createTabs(parts: TabsParts): Wire {
  const { id, channel, claims, clock } = parts;
  let ear: (heard: Heard) => void = () => {};
  let leads = false;
  let claimed = false;
  let started = false;
  let link: LinkView = { state: "connecting", since: clock.now() };
  let stood: { till: number; plain: boolean } | null = null; // the leader's line; what is not over has no end
  let count = 0;
  const asked = new Map<number, { op: Op; data: unknown; done: (answer: Outcome<unknown>) => void }>();
  const said = new Map<string, Attention>(); // by tab, where this one leads
  let mine: Attention | null = null;
  const watching = new Map<string, readonly UserID[]>(); // whom each tab watches, where this one leads
  let watched: readonly UserID[] = []; // by this tab
  let joined = nobody;
  let joinedAt = clock.now();

  const line = new Line({
    dial: parts.dial,
    through: parts.through,
    probe: parts.probe,
    clock,
    ears: {
      hello(hello, away) {
        share({ t: "hello", hello, away }, { kind: "hello", hello, away });
      },
      push(push) {
        share({ t: "push", push }, { kind: "push", push });
      },
      sent(ask, reply) {
        share({ t: "sent", ask, reply }, { kind: "sent", ask, reply });
      },
      link(now) {
        link = now;
        share({ t: "link", link: now }, { kind: "link", link: now });
      },
    },
  });

  // Other tabs hear it in the same order as this one.
  function share(note: Note, heard: Heard): void {
    channel.post(note);
    ear(heard);
  }

  function claim(): void {
    if (claimed) return;
    claimed = true;
    claims.live(id);
    claims.lead(() => {
      leads = true;
      // Another tab's line stood until now, or until that tab said as it went: the gap is as long as dialling takes.
      if (stood) line.takeOver(Math.min(stood.till, clock.now()), stood.plain);
      // A reload of the only tab takes the session back; the tab that follows a closed one does not.
      if (link.state === "replaced") line.link = link;
      channel.post({ t: "leader", link: line.link, hello: null });
      if (mine) said.set(id, mine);
      join();
      watchAll(id, watched);
      if (started) line.open();
      for (const [n, a] of [...asked]) {
        asked.delete(n);
        void line.ask(a.op, a.data).then(a.done);
      }
    });
  }

  // follow takes in how the leader's line stands.
  function follow(next: LinkView): void {
    if (next.state === "online") stood = { till: Number.POSITIVE_INFINITY, plain: next.plain ?? false };
    else if (stood && link.state === "online") stood = { ...stood, till: clock.now() };
    link = next;
    ear({ kind: "link", link });
  }

  // join makes one record of what all tabs say: the one with the focus, else the least idle.
  function join(): void {
    let best: Attention | undefined;
    for (const a of said.values()) {
      if (!best || (a.focused && !best.focused) || (a.focused === best.focused && a.idle < best.idle)) best = a;
    }
    const idle = Math.min(...[...said.values()].map((a) => a.idle), 180);
    const now = best ? { ...best, idle, ...(best.focused ? {} : { room: "" as const }) } : nobody;
    if (JSON.stringify(now) === JSON.stringify(joined)) return;
    joined = now;
    joinedAt = clock.now();
    line.attend(now);
  }

  // watchAll makes one list of whom all tabs watch.
  function watchAll(from: string, users: readonly UserID[]): void {
    if (from !== id && !watching.has(from)) {
      claims.onGone(from, () => {
        watching.delete(from);
        watchAll(id, watched);
      });
    }
    watching.set(from, users);
    line.watch([...new Set([...watching.values()].flat())].slice(0, limits.watched));
  }

  channel.onnote = (note) => {
    switch (note.t) {
      case "join":
        if (!leads) return;
        channel.post({ t: "leader", to: note.from, link: line.link, hello: line.hello });
        return;
      case "leader": {
        if (leads || (note.to !== undefined && note.to !== id)) return;
        follow(note.link);
        if (note.hello && started) ear({ kind: "hello", hello: note.hello, away: Number.POSITIVE_INFINITY });
        if (mine) channel.post({ t: "attend", from: id, attention: mine });
        if (watched.length > 0) channel.post({ t: "watch", from: id, users: watched });
        // What the one before did not answer; asking twice is harmless for every command.
        for (const [n, a] of asked) channel.post({ t: "ask", from: id, n, op: a.op, data: a.data });
        return;
      }
      case "hello":
        ear({ kind: "hello", hello: note.hello, away: note.away });
        return;
      case "push":
        ear({ kind: "push", push: note.push });
        return;
      case "sent":
        ear({ kind: "sent", ask: note.ask, reply: note.reply });
        return;
      case "link":
        follow(note.link);
        return;
      case "ask":
        if (!leads) return;
        void line.ask(note.op, note.data).then((answer) => {
          channel.post({ t: "answer", to: note.from, n: note.n, answer });
        });
        return;
      case "answer": {
        if (note.to !== id) return;
        const a = asked.get(note.n);
        asked.delete(note.n);
        a?.done(note.answer);
        return;
      }
      case "attend":
        if (!leads) return;
        if (!said.has(note.from)) {
          claims.onGone(note.from, () => {
            said.delete(note.from);
            join();
          });
        }
        // The newest report counts first among equals.
        said.delete(note.from);
        said.set(note.from, note.attention);
        join();
        return;
      case "watch":
        if (leads) watchAll(note.from, note.users);
        return;
      case "do":
        if (!leads) return;
        if (note.what === "start") line.open();
        else if (note.what === "retry") line.retry();
        else line.useHere();
        return;
      case "word":
        ear({ kind: "word", word: note.word });
        return;
    }
  };

  function command(what: "start" | "retry" | "here", here: () => void): void {
    if (leads) here();
    else channel.post({ t: "do", what });
  }

  return {
    listen(to) {
      ear = to;
    },
    start() {
      const first = !started;
      started = true;
      claim();
      if (leads) line.open();
      else if (first) channel.post({ t: "join", from: id });
      command("start", () => line.open());
    },
    stop() {
      started = false;
      if (leads) line.close();
    },
    retry: () => command("retry", () => line.retry()),
    useHere: () => command("here", () => line.useHere()),
    ask<O extends Op>(op: O, data: Requests[O]): Promise<Outcome<Replies[O]>> {
      if (leads) return line.ask(op, data) as Promise<Outcome<Replies[O]>>;
      const n = ++count;
      return new Promise((resolve) => {
        const stop = clock.after(leaderPatience, () => {
          asked.delete(n);
          resolve(unavailable);
        });
        asked.set(n, {
          op,
          data,
          done(answer) {
            stop();
            resolve(answer as Outcome<Replies[O]>);
          },
        });
        channel.post({ t: "ask", from: id, n, op, data });
      });
    },
    attend(attention) {
      mine = attention;
      if (!leads) {
        channel.post({ t: "attend", from: id, attention });
        return;
      }
      said.delete(id);
      said.set(id, attention);
      join();
    },
    watch(users) {
      watched = users;
      if (leads) watchAll(id, users);
      else channel.post({ t: "watch", from: id, users });
    },
    tell: (word) => channel.post({ t: "word", word }),
    leads: () => leads,
    attended: () => ({ attention: joined, at: joinedAt }),
  };
}
