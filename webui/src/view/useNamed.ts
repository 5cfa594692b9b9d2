// useNamed is the rooms that fit what somebody types to go somewhere. It knows names, not messages.
import { useMemo } from "preact/hooks";
import type { User, UserID } from "../gen/protocol.ts";
import type { App, RoomRow } from "../state/app.ts";
import { finds, starts } from "../text/hangul.ts";
import { joined, useFound } from "./useFound.ts";
import { pairOf, titleOf } from "./words.ts";

// useNamed also finds what the list has not reached yet. Without words it is the list.
export function useNamed(app: App, q: string): readonly RoomRow[] {
  const all = app.rooms.value;
  const there = useFound(app, q);
  return useMemo(() => (q.trim() === "" ? all : ranked(joined(all, there, q), q)), [all, there, q]);
}

// ranked puts those first whose name begins with q, then those whose name holds it; those that only a member's name
// finds come last. Within each, the order of the list stays.
export function ranked(rows: readonly RoomRow[], q: string): readonly RoomRow[] {
  const rank = ({ room }: RoomRow) => (starts(titleOf(room), q) ? 0 : finds(titleOf(room), q) ? 1 : 2);
  const ranks = new Map(rows.map((row) => [row, rank(row)]));
  return [...rows].sort((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0));
}

// besides leaves out those whose talk with me is among the rooms already, and myself.
export function besides(people: readonly User[], rows: readonly RoomRow[], me: UserID | undefined): readonly User[] {
  const there = new Set(rows.map((row) => pairOf(row.room, me)));
  return people.filter((u) => u.id !== me && !there.has(u.id));
}
