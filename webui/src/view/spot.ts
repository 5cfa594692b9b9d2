// Where the reader was in the room in front, for the next time this window is opened: after its process was closed, the
// web engine died or the page was loaded anew. Room and number only, no text; lost without harm.
import type { RoomID, Seq, UserID } from "../gen/protocol.ts";

interface Spot {
  readonly user: UserID;
  readonly room: RoomID;
  readonly seq: Seq;
  readonly below: number; // pixels of that message above the edge
}

const key = (alone: RoomID | null): string => `sendjay-spot${alone ? `-${alone}` : ""}`;

const isSpot = (x: unknown): x is Spot => {
  const s = x as Partial<Spot> | null;
  return typeof s === "object" && typeof s?.room === "string" && Number.isInteger(s.seq) && Number.isFinite(s.below);
};

let taken = false;

// takeSpot returns the place once, for the room that is shown first. Whatever was kept is forgotten.
export function takeSpot(user: UserID | undefined, room: RoomID, alone: RoomID | null): Spot | null {
  if (taken) {
    keepSpot(null, alone);
    return null;
  }
  taken = true;
  let was: unknown = null;
  try {
    was = JSON.parse(localStorage.getItem(key(alone)) ?? "null");
  } catch {
    // what cannot be read is no place
  }
  keepSpot(null, alone);
  return isSpot(was) && was.user === user && was.room === room ? was : null;
}

// keepSpot notes the place; null is the end of the room, where one is anyway.
export function keepSpot(spot: Spot | null, alone: RoomID | null): void {
  try {
    if (spot) localStorage.setItem(key(alone), JSON.stringify(spot));
    else localStorage.removeItem(key(alone));
  } catch {
    // no room for it
  }
}

// dropSpots forgets all places: nobody is signed in.
export function dropSpots(): void {
  for (const k of Object.keys(localStorage)) if (k.startsWith("sendjay-spot")) localStorage.removeItem(k);
}
