// What becomes of a message after it was sent: another wording, emoji under it, deleted for me alone, pinned on top.
import type {
  Emoji,
  Message,
  MessageChanged,
  MessageHidden,
  MessageID,
  Notice,
  Reaction,
  Rev,
  Seq,
  UserID,
} from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import { type RoomState, recount } from "./room.ts";

const cut = (text: string, runes: number): string => (text.length <= runes ? text : [...text].slice(0, runes).join(""));

// changed takes in an edit or a reaction. What the window does not hold is remembered: a page that was read before
// may still be on its way.
export function changed(s: RoomState, c: MessageChanged, me: UserID, rev: Rev): RoomState {
  const { edit } = c;
  const one = (m: Message): Message => {
    if (m.rev >= rev) return m;
    if (m.id === c.id) return { ...touch(m, c, me), rev };
    if (edit && m.quote?.id === c.id) {
      return { ...m, quote: { ...m.quote, body: cut(edit.body, limits.quoteRunes) }, rev };
    }
    return m;
  };
  const next = eachMessage(s.loaded ? { ...s, changes: new Map([...s.changes, [c.id, rev]]) } : s, one);
  const { notice, noticeRev = 0 } = s.room;
  if (!edit || notice?.id !== c.id || noticeRev >= rev) return next;
  return {
    ...next,
    room: { ...next.room, notice: { ...notice, body: cut(edit.body, limits.noticeRunes) }, noticeRev: rev },
  };
}

function touch(m: Message, { edit, reacted, preview, file }: MessageChanged, me: UserID): Message {
  let out = m;
  if (preview) {
    const { preview: _, ...rest } = out;
    out = preview.id ? { ...rest, preview } : rest;
  }
  if (file) out = { ...out, file };
  if (edit) {
    const { mentions: _, ...rest } = out;
    out = { ...rest, body: edit.body, edited: edit.at, ...(edit.mentions ? { mentions: edit.mentions } : {}) };
  }
  if (!reacted) return out;
  const mine = new Set(out.reactions?.filter((r) => r.mine).map((r) => r.emoji));
  if (reacted.user === me) {
    if (reacted.on) mine.add(reacted.emoji);
    else mine.delete(reacted.emoji);
  }
  return withReactions(
    out,
    reacted.reactions.map((r) => (mine.has(r.emoji) ? { ...r, mine: true } : r)),
  );
}

function withReactions(m: Message, reactions: readonly Reaction[]): Message {
  const { reactions: _, ...rest } = m;
  return reactions.length > 0 ? { ...rest, reactions } : rest;
}

// reacting shows my emoji at once; the server's word replaces it.
export function reacting(m: Message, emoji: Emoji, on: boolean, me: UserID): Message {
  const all = m.reactions ?? [];
  const there = all.find((r) => r.emoji === emoji);
  if ((there?.mine === true) === on) return m;
  if (!there) return withReactions(m, [...all, { emoji, count: 1, users: [me], mine: true }]);
  const next: Reaction = on
    ? { ...there, count: there.count + 1, users: [...there.users, me], mine: true }
    : { emoji, count: there.count - 1, users: there.users.filter((u) => u !== me) };
  return withReactions(
    m,
    all.map((r) => (r === there ? next : r)).filter((r) => r.count > 0),
  );
}

// eachMessage changes messages wherever the room holds them.
export function eachMessage(s: RoomState, one: (m: Message) => Message): RoomState {
  let moved = false;
  const messages = s.messages.map((m) => {
    const n = one(m);
    moved ||= n !== m;
    return n;
  });
  const last = s.room.lastMessage;
  const now = last && one(last);
  if (!moved && now === last) return s;
  return {
    ...s,
    messages: moved ? messages : s.messages,
    room: now === last ? s.room : { ...s.room, lastMessage: now as Message },
  };
}

// noticed takes in what is pinned on top, unless what is known is newer.
export function noticed(s: RoomState, notice: Notice | undefined, rev: Rev): RoomState {
  if (rev <= (s.room.noticeRev ?? 0)) return s;
  const { notice: _, ...room } = s.room;
  return { ...s, room: { ...room, ...(notice && !s.taken.has(notice.id) ? { notice } : {}), noticeRev: rev } };
}

// unquoted takes what was taken back out of whatever quotes it, and from the top of the room.
export function unquoted(s: RoomState, id: MessageID, rev: Rev): RoomState {
  const next = eachMessage(s, (m) => withoutTaken(m, new Set([id]), rev));
  const { notice, ...room } = next.room;
  return notice?.id === id ? { ...next, room: { ...room, noticeRev: rev } } : next;
}

export function withoutTaken(m: Message, taken: ReadonlySet<MessageID>, rev?: Rev): Message {
  if (!m.quote || m.quote.cancelled || !taken.has(m.quote.id)) return m;
  const { file: _, ...quote } = m.quote;
  return { ...m, quote: { ...quote, body: "", cancelled: true }, ...(rev && rev > m.rev ? { rev } : {}) };
}

// late reports whether a page was read before a change that was heard already.
export function late(s: RoomState, page: readonly Message[]): boolean {
  const newer = (id: MessageID, rev: Rev): boolean => (s.changes.get(id) ?? 0) > rev;
  return page.some((m) => newer(m.id, m.rev) || (m.quote !== undefined && newer(m.quote.id, m.rev)));
}

// hidden takes away what I deleted for myself: single messages, and everything up to from.
export function hidden(s: RoomState, ids: readonly MessageID[], from: Seq, me: UserID): RoomState {
  const gone = new Set(ids);
  const there = (m: Message): boolean => !gone.has(m.id) && m.seq > from;
  const messages = s.messages.filter(there);
  const { lastMessage, ...bare } = s.room;
  const last = lastMessage && there(lastMessage) ? lastMessage : s.loaded ? messages.at(-1) : undefined;
  const room = { ...bare, ...(last ? { lastMessage: last } : {}), ...(from > (bare.from ?? 0) ? { from } : {}) };
  const next: RoomState = {
    ...s,
    room,
    messages: messages.length === s.messages.length ? s.messages : messages,
    hidden: new Set([...s.hidden, ...ids]),
    // What was the last one before that only the server knows, unless nothing is left.
    unsure: s.unsure || (lastMessage !== undefined && !last && from < s.room.seq),
  };
  return messages.length === s.messages.length ? next : recount(next, me);
}

// hearHidden takes in a deletion that was made on whatever device. After a gap the changes say what was missed.
export function hearHidden(s: RoomState, h: MessageHidden, me: UserID): RoomState {
  const known = s.room.hides ?? 0;
  if (h.hides <= known) return s;
  const next = hidden(s, h.ids ?? [], h.from, me);
  if (h.hides > known + 1 && s.loaded) return { ...next, unsure: true };
  return { ...next, room: { ...next.room, hides: h.hides } };
}
