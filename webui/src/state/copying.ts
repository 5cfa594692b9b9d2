// Copying keeps the local copy up to date: the talk list and the rooms that are in memory, their newest messages
// each. What was taken back or deleted goes from it at once. It does not know where the copy lies.
import type { Room, User } from "../gen/protocol.ts";
import { type CopiedHead, type CopiedRoom, copyVersion, headKey, readRoom, roomKey } from "./copied.ts";
import type { Clock, Copy } from "./parts.ts";
import type { RoomState } from "./room.ts";
import type { Rooms } from "./rooms.ts";

const listed = 60; // rooms
const kept = 60; // messages of each
const crowd = 60; // members of each; more come from the server
const faces = 6; // members of a room in the list
const gather = 2000; // ms
const atOnce = 30;

export class Copying {
  private readonly dirty = new Set<Room["id"]>();
  private readonly written = new Set<string>();
  private stop: (() => void) | null = null;
  private due = 0;
  private over = false;

  constructor(
    private readonly copy: Copy,
    private readonly rooms: Rooms,
    private readonly clock: Clock,
    private readonly user: User,
  ) {}

  // begin takes in the rooms that the first picture did without.
  async begin(): Promise<void> {
    const all = await this.copy.all();
    if (this.over) return;
    const rooms = all.map((v) => readRoom(v, this.user.id)).filter((r) => r !== null);
    for (const r of rooms) this.written.add(roomKey(r.room.id));
    await this.rooms.restore([], rooms);
    for (const s of this.rooms.windowed()) this.dirty.add(s.room.id);
    this.soon(gather);
  }

  note(before: RoomState | undefined, after: RoomState): void {
    this.dirty.add(after.room.id);
    const gone = before && (before.taken !== after.taken || before.hidden !== after.hidden);
    this.soon(gone ? atOnce : gather);
  }

  // flush writes what has changed. Rooms that are no longer in memory do not hear of changes, so they go.
  flush(): void {
    this.stop?.();
    this.stop = null;
    if (this.over) return;
    const put: Record<string, CopiedHead | CopiedRoom> = {};
    const windows = this.rooms.windowed();
    const here = new Set<string>();
    for (const s of windows) {
      const key = roomKey(s.room.id);
      here.add(key);
      if (!this.dirty.has(s.room.id) && this.written.has(key)) continue;
      put[key] = copyOf(s, this.user.id);
      this.written.add(key);
    }
    const drop = [...this.written].filter((key) => !here.has(key));
    for (const key of drop) this.written.delete(key);
    this.dirty.clear();
    const rooms = this.rooms
      .all()
      .sort((a, b) => (a.at < b.at ? 1 : -1))
      .slice(0, listed)
      .map((r) => ({ ...r, members: r.members.slice(0, faces) }));
    put[headKey] = { v: copyVersion, user: this.user, rooms };
    this.copy.write(put, drop);
  }

  end(): void {
    this.over = true;
    this.stop?.();
    this.stop = null;
  }

  private soon(ms: number): void {
    const at = this.clock.now() + ms;
    if (this.over || (this.stop && this.due <= at)) return;
    this.stop?.();
    this.due = at;
    this.stop = this.clock.after(ms, () => this.flush());
  }
}

function copyOf(s: RoomState, user: User["id"]): CopiedRoom {
  const { room, rev, messages } = s;
  return {
    v: copyVersion,
    user,
    room: { ...room, members: room.members.slice(0, crowd) },
    rev,
    whole: s.whole && room.members.length <= crowd,
    more: s.more || messages.length > kept,
    messages: messages.slice(-kept),
  };
}
