// What a person does to a room itself: name it, hand it over, set it up, find it. What is mine alone shows at once and
// waits for the line where it has to; what all share is told by the server.
import type { ErrorCode, Notify, Op, Requests, Room, RoomID, RoomMine, RoomsPage, UserID } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { Later } from "./later.ts";
import type { Http, Wire } from "./parts.ts";
import type { Rooms } from "./rooms.ts";

export interface Setup {
  readonly notify?: Notify;
  readonly pinned?: boolean;
  readonly panelHidden?: boolean;
}

export interface RoomActs {
  rename(room: RoomID, title: string, forAll: boolean): Promise<ErrorCode | null>;
  handOver(room: RoomID, user: UserID): Promise<ErrorCode | null>;
  setMine(room: RoomID, change: Setup): Promise<ErrorCode | null>;
  orderRooms(pinned: readonly RoomID[]): Promise<ErrorCode | null>;
  findRooms(q: string): Promise<readonly Room[]>; // by their names and by those of all their members
}

interface Around {
  readonly wire: Pick<Wire, "ask">;
  readonly http: Http;
  readonly later: Later;
  readonly rooms: Rooms;
}

export function roomActs({ wire, http, later, rooms }: Around): RoomActs {
  const place = (id: RoomID): number => rooms.of(id).peek()?.room.pinned ?? 0;

  // A refusal leaves on the screen what is not so; the server is asked what is.
  async function mine<O extends Op>(op: O, data: Requests[O], touched: readonly RoomID[]): Promise<ErrorCode | null> {
    const bad = await later.do(op, data);
    if (bad) await Promise.all(touched.map((id) => rooms.ask(id)));
    return bad;
  }

  return {
    async rename(room, title, forAll) {
      if (forAll) return (await wire.ask("room.rename", { room, title, for: "all" })).error?.code ?? null;
      rooms.setMine(room, { name: title.trim().replace(/\s+/g, " ") });
      return mine("room.rename", { room, title, for: "me" }, [room]);
    },
    handOver: async (room, user) => (await wire.ask("room.master", { room, user })).error?.code ?? null,
    setMine(room, { pinned, ...rest }) {
      const change: Partial<RoomMine> = { ...rest };
      const last = Math.max(0, ...rooms.ids.peek().map(place));
      const at = pinned === undefined ? {} : { pinned: pinned ? place(room) || last + 1 : 0 };
      rooms.setMine(room, { ...change, ...at });
      return mine("room.mine", { room, ...rest, ...(pinned === undefined ? {} : { pinned }) }, [room]);
    },
    orderRooms(pinned) {
      pinned.forEach((id, i) => {
        rooms.setMine(id, { pinned: i + 1 });
      });
      return mine("room.order", { rooms: pinned }, pinned);
    },
    async findRooms(q) {
      const text = encodeURIComponent([...q.trim()].slice(0, limits.searchRunes).join(""));
      const page = await http.get<RoomsPage>(`rooms?limit=${limits.pageMax}&q=${text}`);
      return page.data?.rooms ?? [];
    },
  };
}
