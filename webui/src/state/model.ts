// One room as the view draws it: what the server said, and after it what is still on its way.
import { batch, computed, signal } from "@preact/signals-core";
import type { ErrorCode, Instant, Message, MessageID, Quote, Seq, User } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { Drafts } from "./drafts.ts";
import type { Bubble, RoomModel } from "./face.ts";
import type { Item, Outgoing } from "./outgoing.ts";
import type { Past } from "./past.ts";
import { isLine, type RoomState } from "./room.ts";
import type { Rooms } from "./rooms.ts";
import { readersOf, unreadOf } from "./unread.ts";

export interface Model extends RoomModel {
  enter(): Promise<void>; // the room comes to the front: load it, and remember where reading stopped
  note(s: RoomState): void;
  stale(): void; // something that was said has changed, or may have
  answered(): void; // the person wrote something: no marker any more
}

interface Around {
  readonly rooms: Rooms;
  readonly outgoing: Outgoing;
  readonly drafts: Drafts;
  readonly me: () => User | null;
  readonly wrote: (text: string) => void; // the person changed the draft
}

export function modelOf(id: RoomModel["id"], { rooms, outgoing, drafts, me, wrote }: Around): Model {
  const state = rooms.of(id);
  const waiting = outgoing.of(id);
  const loading = signal(false);
  const error = signal<ErrorCode | null>(null);
  const readAt = signal<Seq | null>(null);
  const past = signal<Past | null>(null);
  const aim = signal<RoomModel["aim"]["value"]>(null);
  const view = signal(0);
  const sent = signal(0);
  let turn = 0;
  let entering = false;

  // A bubble keeps its identity while nothing about it changes, so that only changed ones are drawn.
  let cache = new Map<MessageID, Bubble>();
  // What was made of a message as the server said it; most of a long window is as it was.
  const made = new WeakMap<Message, Bubble>();

  const readers = computed(() => {
    const s = state.value;
    return s?.whole ? readersOf(s.room.members) : null;
  });

  const bubbles = computed<readonly Bubble[]>(() => {
    const s = state.value;
    const mine = me();
    const said = past.value?.messages.value ?? s?.messages ?? [];
    // Few wait, and then who of them is there already is asked for once.
    const by = waiting.value.length > 0 ? new Map(said.map((m) => [m.id, m])) : null;
    const next = new Map<MessageID, Bubble>();
    const out: Bubble[] = [];
    const add = (b: Bubble): Bubble => {
      const old = cache.get(b.key as MessageID);
      const keep = old && same(old, b) ? old : b;
      next.set(b.key as MessageID, keep);
      out.push(keep);
      return keep;
    };
    const far = past.value;
    const reading = readers.value;
    for (const m of said) {
      const unread = reading ? (isLine(m) ? 0 : unreadOf(m, reading)) : m.unread;
      const before = made.get(m);
      if (before?.message.unread === unread && cache.get(m.id) === before) {
        next.set(m.id, before);
        out.push(before);
        continue;
      }
      const message = unread === m.unread ? m : { ...m, unread };
      made.set(m, add({ key: m.id, message, state: "sent", mine: m.sender === mine?.id }));
    }
    for (const item of waiting.value) {
      if (by?.has(item.id) || !mine || far) continue;
      // The tray keeps what is quoted by its id alone.
      const original = item.reply ? by?.get(item.reply) : undefined;
      const quote = item.quote ?? (original && quoteOf(original));
      add({
        key: item.id,
        message: { ...messageOf(item, mine), ...(quote ? { quote } : {}) },
        state: item.state === "waiting" ? "pending" : "failed",
        ...(item.code ? { code: item.code } : {}),
        mine: true,
      });
    }
    cache = next;
    return out;
  });

  const load = async (run: () => Promise<ErrorCode | null>): Promise<void> => {
    loading.value = true;
    const bad = await run();
    loading.value = rooms.isPaging(id);
    error.value = bad;
  };

  return {
    id,
    room: computed(() => state.value?.room),
    bubbles,
    loading,
    error,
    more: computed(() => past.value?.older.value ?? (state.value?.loaded === true && state.value.more)),
    newer: computed(() => past.value !== null),
    view,
    aim,
    wrote: sent,
    marker: computed(() => {
      const from = readAt.value;
      if (from === null) return null;
      const mine = me()?.id;
      return state.value?.messages.find((m) => m.seq > from && m.sender !== mine && !isLine(m))?.seq ?? null;
    }),
    draft: drafts.of(id),
    setDraft: (text) => {
      drafts.set(id, text);
      wrote(text);
    },
    loadOlder: () => (loading.peek() ? Promise.resolve() : load(() => past.peek()?.loadOlder() ?? rooms.older(id))),
    async loadNewer(joining) {
      const far = past.peek();
      if (!far || loading.peek()) return;
      await load(() => far.loadNewer());
      if (past.peek() === far) join(far, joining);
    },
    async jump(seq) {
      const bad = await rooms.watch(id);
      if (bad) return bad;
      const has = (messages: readonly Message[] | undefined) => messages?.some((m) => m.seq === seq);
      const now = state.peek()?.messages;
      if (!has(past.peek()?.messages.peek() ?? now)) {
        if (has(now)) live();
        else {
          const far = new (await import("./past.ts")).Past(rooms.http, id);
          const wrong = await far.open(seq);
          if (wrong) return wrong;
          batch(() => {
            past.value = far;
            view.value = ++turn;
            join(far, () => {});
          });
        }
      }
      aim.value = { seq, turn: ++turn };
      return null;
    },
    live,
    stale: () => void past.peek()?.again(),
    enter: () => {
      entering = true;
      readAt.value = null;
      const s = state.peek();
      if (s) note(s);
      return load(() => rooms.watch(id));
    },
    note,
    answered: () => {
      readAt.value = null;
      batch(() => {
        sent.value++;
        live();
      });
    },
  };

  function live(): void {
    batch(() => {
      aim.value = null;
      past.value = null;
      view.value = 0;
    });
  }

  // join makes one of the two where the history that was jumped to has reached the newest messages.
  function join(far: Past, joining: () => void): void {
    const s = state.peek();
    const low = s?.messages[0]?.seq;
    const messages = far.messages.peek();
    const end = messages.at(-1)?.seq;
    if (end === undefined || (far.newer.peek() && (low === undefined || end < low - 1))) return;
    joining();
    batch(() => {
      rooms.join(id, messages, far.older.peek());
      live();
    });
  }

  function note(s: RoomState): void {
    if (!entering) return;
    entering = false;
    readAt.value = s.room.unread > 0 ? s.room.read : null;
  }
}

export function quoteOf(m: Message): Quote {
  const { id, seq, sender, senderName, type, body, file } = m;
  return {
    id,
    seq,
    sender,
    senderName,
    type,
    body: [...body].slice(0, limits.quoteRunes).join(""),
    ...(file ? { file } : {}),
  };
}

function same(a: Bubble, b: Bubble): boolean {
  const x = a.message;
  const y = b.message;
  return (
    a.state === b.state &&
    a.code === b.code &&
    a.mine === b.mine &&
    x.id === y.id &&
    x.rev === y.rev &&
    x.seq === y.seq &&
    x.unread === y.unread &&
    x.body === y.body &&
    x.edited === y.edited &&
    x.reactions === y.reactions &&
    (x.quote === y.quote || (a.state !== "sent" && x.quote?.id === y.quote?.id)) &&
    x.cancelled === y.cancelled
  );
}

function messageOf(item: Item, me: User): Message {
  return {
    id: item.id,
    room: item.room,
    seq: 0 as Seq,
    rev: 0 as Message["rev"],
    sender: me.id,
    senderName: me.name,
    type: item.type,
    body: item.body,
    ...(item.reply ? { reply: item.reply } : {}),
    ...(item.mentions ? { mentions: item.mentions } : {}),
    ...(item.forwarded ? { forwarded: true } : {}),
    ...(item.urgent ? { urgent: true } : {}),
    at: item.at as Instant,
    unread: 0,
  };
}
