// What came while this page could not decide: the line was away for a moment, or another tab held the socket and may have
// been closed before it had decided. It knows of which messages of a room there is something to decide, not what.
import type { Message, RoomID, Seq, UnreadRoom } from "../gen/protocol.ts";
import { apart } from "../rules/missed.ts";

interface Doubt {
  readonly told: Seq; // up to here all is decided
  readonly last: Message; // the newest one
}

export class Doubts {
  private readonly all = new Map<RoomID, Doubt>();
  // What is unread, as the server said when it was asked last.
  unread: readonly UnreadRoom[] = [];

  clear(): void {
    this.all.clear();
  }

  // came notes a message; up to told nothing of its room is in doubt.
  came(told: Seq, m: Message): void {
    const d = this.all.get(m.room);
    this.all.set(m.room, {
      told: d && d.told < told ? d.told : told,
      last: d && d.last.seq > m.seq ? d.last : m,
    });
  }

  // tell notes that everything of a room up to seq is decided, and reports whether something of it was in doubt.
  tell(room: RoomID, seq: Seq): boolean {
    const d = this.all.get(room);
    if (!d || seq <= d.told) return false;
    if (seq >= d.last.seq) this.all.delete(room);
    else this.all.set(room, { ...d, told: seq });
    return true;
  }

  // each are the messages to consider, room by room, the oldest first: those that stand apart, and the newest.
  each(): { readonly room: RoomID; readonly told: Seq; readonly apart: readonly Seq[]; readonly last: Message }[] {
    return [...this.all].map(([room, { told, last }]) => {
      const { personal, urgent } = this.unread.find((r) => r.id === room) ?? {};
      const seqs = { told, ...(personal ? { personal } : {}), ...(urgent ? { urgent } : {}) };
      return { room, told, apart: apart(seqs, last.seq), last };
    });
  }
}
