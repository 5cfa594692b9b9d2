// What the program asks the server when somebody wants to see it: people, members, hits, places.
import type { Member, MembersPage, PlacePage, SearchPage, User, UsersPage } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { App, SearchAsk } from "./face.ts";
import type { Http } from "./parts.ts";
import type { Rooms } from "./rooms.ts";

type Asking = Pick<App, "searchUsers" | "search" | "places" | "members" | "awake">;

export function asking(http: Http, rooms: Rooms): Asking {
  return {
    async searchUsers(q) {
      const text = encodeURIComponent([...q.trim()].slice(0, limits.searchRunes).join(""));
      const answer = await http.get<UsersPage>(`users?limit=${limits.pageDefault}&q=${text}`);
      return answer.data?.users ?? [];
    },
    search: (q) => http.get<SearchPage>(`search?${searchQuery(q)}`),
    async places(room, at) {
      const answer = await http.get<PlacePage>(`rooms/${encodeURIComponent(room)}/place?at=${at.join(",")}`);
      return answer.data?.seqs ?? null;
    },
    async members(room): Promise<readonly Member[]> {
      const answer = await http.get<MembersPage>(`rooms/${encodeURIComponent(room)}/members`);
      return answer.data?.members ?? rooms.of(room).peek()?.room.members ?? [];
    },
    awake: async () => (await http.get<User>("me")).data !== undefined,
  };
}

function searchQuery(q: SearchAsk): string {
  const given = Object.entries(q).filter(([, value]) => value);
  return given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&");
}
