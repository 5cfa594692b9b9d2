// useFound is the rooms that a word finds: those at hand at once, and what the server knows beside.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Room } from "../gen/protocol.ts";
import type { App, RoomRow } from "../state/app.ts";
import { later } from "./later.ts";
import { has, titleOf } from "./words.ts";

// joined are the rows that fit, those at hand first to come, and after them what the server knows beside.
export function joined(all: readonly RoomRow[], there: readonly Room[], q: string): readonly RoomRow[] {
  const fit = new Set(there.map((r) => r.id));
  const near = all.filter((r) => fit.has(r.room.id) || fits(r.room, q));
  const known = new Set(all.map((r) => r.room.id));
  return [...near, ...there.filter((r) => !known.has(r.id)).map((room) => ({ room, draft: "", failed: 0 }))];
}

function fits(room: Room, q: string): boolean {
  const find = later.peek()?.finds ?? has;
  return find(titleOf(room), q) || room.members.some((m) => find(m.name, q));
}

// The answer to each letter of a fast typist would be thrown away anyway.
const typing = 120;

// useFound asks the server, which knows all rooms and all their members. Of an earlier answer what still fits stays
// until the next one is there.
export function useFound(app: App, filter: string): readonly Room[] {
  const q = filter.trim();
  const [found, setFound] = useState<{ readonly q: string; readonly rooms: readonly Room[] }>({ q: "", rooms: [] });
  useEffect(() => {
    if (q === "") return setFound({ q, rooms: [] });
    let wanted = true;
    const timer = setTimeout(async () => {
      const rooms = await app.findRooms(q);
      if (wanted) setFound({ q, rooms });
    }, typing);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [app, q]);
  return useMemo(() => (found.q === q ? found.rooms : found.rooms.filter((r) => fits(r, q))), [found, q]);
}
