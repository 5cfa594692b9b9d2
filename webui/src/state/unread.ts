// How many have not read a message yet, derived from the members' cursors. Nobody waits for somebody whose account is
// closed. server/store/lists.go counts the same.
import type { Member, Message, UserID } from "../gen/protocol.ts";

export interface Readers {
  readonly marks: readonly number[]; // ascending: up to where each member need not read or has read
  readonly of: ReadonlyMap<UserID, number>;
}

export function readersOf(members: readonly Member[]): Readers {
  const of = new Map<UserID, number>();
  for (const m of members) if (!m.left && !m.gone) of.set(m.id, Math.max(m.read, m.from));
  return { marks: [...of.values()].sort((a, b) => a - b), of };
}

// unreadOf counts who can read m and has not, without its sender.
export function unreadOf(m: Message, readers: Readers): number {
  if (m.cancelled) return 0;
  let low = 0;
  let high = readers.marks.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if ((readers.marks[mid] as number) < m.seq) low = mid + 1;
    else high = mid;
  }
  const sender = readers.of.get(m.sender);
  return sender !== undefined && sender < m.seq ? low - 1 : low;
}
