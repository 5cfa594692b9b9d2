// What was fetched, joined with what is known. A page was read at some moment before now, so what
// events have said since then stays.
import type { ChangesPage, Download, Message, Rev, Room, Seq, UserID } from "../gen/protocol.ts";
import { movedMembers, readOn, strip } from "./apply.ts";
import { mineOf, retitle, setUp, wideOf, withMine, withWide } from "./naming.ts";
import { cover, fromRoom, isLine, place, type RoomState, reaches, recount } from "./room.ts";
import { hidden, noticed, withoutTaken } from "./wording.ts";

// withRoom takes a summary in. It replaces a room without a window; a room with one learns its
// messages from changes alone, so that numbers and bubbles never disagree.
export function withRoom(s: RoomState | undefined, room: Room, me: UserID): RoomState {
  if (!s || s.gone) return fromRoom(room);
  const members = joinMembers(s.room, room);
  const newer = room.rev >= s.rev;
  const memberCount = newer ? room.memberCount : s.room.memberCount;
  const known = { ...s, whole: members.length >= memberCount, unsure: false };
  const { notice: _, ...bare } = s.room;
  const named = (x: RoomState): RoomState =>
    noticed(withNames(x, s.room, room, newer, me), room.notice, room.noticeRev ?? (0 as Rev));
  if (!newer || (s.loaded && room.rev > s.rev)) return named({ ...known, room: { ...s.room, members, memberCount } });
  const read = room.read > s.room.read ? room.read : s.room.read;
  // What is pinned is asked of its own rev; what I deleted the window learns from the changes.
  const pinned = { ...(s.room.notice ? { notice: s.room.notice } : {}), noticeRev: bare.noticeRev ?? (0 as Rev) };
  const hides = s.loaded ? (bare.hides ?? 0) : (room.hides ?? 0);
  const { notice: _n, noticeRev: _r, ...fresh } = room;
  const next = named({ ...known, movedAt: room.rev, room: { ...fresh, members, read, hides, ...pinned } });
  // Revs up to the summary's are in it now; those held beyond a gap may join on.
  const done = cover({ ...next, rev: room.rev }, room.rev, room.rev);
  return read > room.read ? recount(done, me) : done;
}

// withNames names a room after the newer of two summaries, and sets it up as the newer version says.
function withNames(s: RoomState, old: Room, fresh: Room, newer: boolean, me: UserID): RoomState {
  const wide = wideOf(newer ? fresh : old);
  const mine = mineOf((fresh.mineVersion ?? 0) >= (old.mineVersion ?? 0) ? fresh : old);
  const { name: _, ...room } = setUp(s.room, mine);
  const next = {
    ...s,
    room: { ...room, ...(wide.name ? { name: wide.name } : {}), ...(wide.master ? { master: wide.master } : {}) },
  };
  const known = newer && !mine.name && !wide.name && !fresh.named;
  const { named: _n, own: _o, ...bare } = next.room;
  return known ? { ...next, room: { ...bare, title: fresh.title } } : retitle(next, mine.name, me);
}

// joinMembers prefers the longer and newer list; cursors never go back.
function joinMembers(old: Room, room: Room): Room["members"] {
  if (room.rev < old.rev && old.members.length > room.members.length) return old.members;
  const before = new Map(old.members.map((m) => [m.id, m]));
  const listed = room.members.map((m) => {
    const b = before.get(m.id);
    return b && b.read > m.read ? { ...m, read: b.read } : m;
  });
  if (room.members.length >= room.memberCount || old.members.length <= listed.length) return listed;
  const names = new Set(listed.map((m) => m.id));
  return [...listed, ...old.members.filter((m) => !names.has(m.id))];
}

// watch opens the window: from now on events are kept, so that nothing falls between them and the
// page that is on its way.
export function watch(s: RoomState): RoomState {
  return s.loaded ? s : { ...s, loaded: true, more: true, messages: [] };
}

// unwatch forgets the messages; the summary stays.
export function unwatch(s: RoomState): RoomState {
  return { ...s, loaded: false, more: true, messages: [], taken: new Set(), hidden: new Set(), changes: new Map() };
}

// withPage joins a page of history. `older` says that it continues the window downwards.
export function withPage(s: RoomState, page: readonly Message[], more: boolean, me: UserID): RoomState {
  let messages = s.messages;
  const lowest = messages[0]?.seq;
  const from = s.room.from ?? 0;
  const fresh = page
    .filter((m) => (m.cancelled || !s.taken.has(m.id)) && !s.hidden.has(m.id) && m.seq > from)
    .map((m) => withoutTaken(m, s.taken));
  // The usual case, a page below the window, costs one copy instead of one per message.
  const below = lowest === undefined ? fresh : fresh.filter((m) => m.seq < lowest);
  for (const m of fresh) if (lowest !== undefined && m.seq >= lowest) messages = place(messages, m);
  messages = [...below, ...messages];
  const reached = page[0]?.seq;
  const still = reached === undefined || lowest === undefined || reached <= lowest ? more : s.more;
  const next = { ...s, messages, more: still };
  return s.room.read < s.room.seq && reaches(next, next.room.read) ? recount(next, me) : next;
}

// withHides takes away what I deleted for myself, as far as the page tells.
function withHides(s: RoomState, page: Pick<ChangesPage, "hiddenIds" | "from" | "hides">, me: UserID): RoomState {
  const next = hidden(s, page.hiddenIds ?? [], page.from ?? (0 as Seq), me);
  const { hides = 0 } = page;
  return hides > (s.room.hides ?? 0) ? { ...next, room: { ...next.room, hides } } : next;
}

// withChanges takes in what GET …/changes says of a room whose messages are watched. Pages say what is so now: what
// changed twice stands in the later one alone. So only the last page closes the gap, and what events said of revs
// behind a page proves nothing about it.
export function withChanges(s: RoomState, page: ChangesPage, me: UserID): RoomState {
  if (page.rev < s.rev && !page.more) return withHides(withMine(s, page.mine, me), page, me);
  let messages = s.messages;
  const taken = new Set(s.taken);
  const changes = new Map(s.changes);
  const lowest = s.more ? (messages[0]?.seq ?? 0) : 0;
  const gone = new Set(page.hiddenIds);
  let heard = s.room.at; // a message that nobody shows me has moved the room in the list all the same
  for (const m of page.messages) {
    if (!m.cancelled) {
      if (m.seq >= lowest && !taken.has(m.id) && !s.hidden.has(m.id))
        messages = place(messages, withoutTaken(m, taken));
      continue;
    }
    if (m.hidden) {
      // Deleted for me, or taken back before I saw it: a page that quotes it may be older than that.
      gone.add(m.id);
      changes.set(m.id, m.rev);
      if (m.seq > s.room.seq && m.at > heard) heard = m.at;
      continue;
    }
    taken.add(m.id);
    if (messages.some((x) => x.id === m.id)) messages = messages.map((x) => (x.id === m.id ? strip(x, m.rev) : x));
    else if (m.seq >= lowest && !s.hidden.has(m.id)) messages = place(messages, m);
  }
  const left = page.members.filter((m) => m.left).length;
  let next = withHides({ ...s, messages, taken, changes }, { ...page, hiddenIds: [...gone] }, me);
  messages = next.messages;
  if (page.members.length > 0) {
    const known = new Set(s.room.members.map((m) => m.id));
    const came = page.members.filter((m) => !m.left && !known.has(m.id)).length;
    const went = page.members.filter((m) => m.left && known.has(m.id)).length;
    const count = s.whole ? s.room.memberCount + came - went : s.room.memberCount;
    next = came + went + left > 0 ? movedMembers(next, { members: page.members, count }, me) : next;
  }
  next = withMine(withWide(next, page.room, me), page.mine, me);
  next = noticed(next, page.notice, page.noticeRev ?? (0 as Rev));
  next = readOn(next, page.cursors, me);
  const last = messages[messages.length - 1];
  const room = {
    ...next.room,
    seq: page.seq > next.room.seq ? page.seq : next.room.seq,
    ...(last && (!next.room.lastMessage || last.seq >= next.room.lastMessage.seq || taken.has(next.room.lastMessage.id))
      ? { lastMessage: last, at: isLine(last) && last.at < next.room.at ? next.room.at : last.at }
      : {}),
  };
  if (heard > room.at) room.at = heard;
  next = { ...next, room, movedAt: page.rev > s.movedAt ? page.rev : s.movedAt };
  if (!page.more) next = cover(next, s.rev, page.rev);
  if (reaches(next, room.read) || room.read >= room.seq) return recount(next, me);
  return page.more ? next : { ...next, room: { ...room, unread: page.unread } };
}

// withDownload is the list after what the tray said of one: what was dropped is no longer in it.
export function withDownload(all: readonly Download[], d: Download): readonly Download[] {
  if (d.state === "dropped") return all.filter((x) => x.id !== d.id);
  return all.some((x) => x.id === d.id) ? all.map((x) => (x.id === d.id ? d : x)) : [...all, d];
}
