// The rows of the talk list: rooms in the server's order, each with its draft and what could not be sent.
import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { Room, RoomID } from "../gen/protocol.ts";
import type { Drafts } from "./drafts.ts";
import type { RoomRow } from "./face.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Rooms } from "./rooms.ts";

// listing keeps a row's identity while nothing in it changes.
export function listing(rooms: Rooms, drafts: Drafts, outgoing: Outgoing): ReadonlySignal<readonly RoomRow[]> {
  const cached = new Map<RoomID, RoomRow>();
  return computed<readonly RoomRow[]>(() => {
    const out: RoomRow[] = [];
    if (rooms.ids.value.length === 0) cached.clear(); // of somebody who signed out nothing stays
    for (const id of rooms.ids.value) {
      const room = rooms.of(id).value?.room;
      if (!room) continue;
      const draft = drafts.of(id).value;
      const failed = outgoing.of(id).value.reduce((n, x) => n + (x.state === "failed" ? 1 : 0), 0);
      let row = cached.get(id);
      if (row?.room !== room || row.draft !== draft || row.failed !== failed) row = { room, draft, failed };
      cached.set(id, row);
      out.push(row);
    }
    return out.sort((a, b) => inOrder(a.room, b.room));
  });
}

// inOrder is the server's order of the list.
function inOrder(a: Room, b: Room): number {
  const place = (r: Room): number => r.pinned ?? Number.MAX_SAFE_INTEGER;
  if (place(a) !== place(b)) return place(a) - place(b);
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  return a.id < b.id ? 1 : -1;
}
