// What a person does to messages that are there: another wording, an emoji, pinning, deleting for oneself, passing on.
// It shows at once what it may and takes it back when the server refuses. It comes after the first picture.
import type {
  Emoji,
  ErrorCode,
  Message,
  MessageID,
  ReadersPage,
  RoomID,
  SendMessage,
  UserID,
} from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { Later } from "./later.ts";
import type { Clock, Http, Wire } from "./parts.ts";
import type { Rooms } from "./rooms.ts";
import { reacting } from "./wording.ts";

interface Around {
  readonly rooms: Rooms;
  readonly wire: Pick<Wire, "ask">;
  readonly http: Http;
  readonly later: Later;
  readonly clock: Clock;
  readonly newId: () => MessageID;
  readonly say: (id: MessageID, room: RoomID, body: string) => void; // a text that was said elsewhere before
}

export class Acting {
  constructor(private readonly a: Around) {}

  async edit(room: RoomID, before: Message, body: string, mentions: readonly UserID[]): Promise<ErrorCode | null> {
    const { rooms, wire, clock } = this.a;
    const { mentions: _, ...rest } = before;
    const edited = new Date(clock.now()).toISOString() as NonNullable<Message["edited"]>;
    const now = { body, edited, ...(mentions.length > 0 ? { mentions } : {}) };
    rooms.amend(room, before.id, (m) => ({ ...m, ...now }));
    const answer = await wire.ask("message.edit", {
      room,
      id: before.id,
      body,
      ...(mentions.length > 0 ? { mentions } : {}),
    });
    if (answer.error) rooms.amend(room, before.id, (m) => (m.body === body ? { ...rest, ...back(before) } : m));
    return answer.error?.code ?? null;
  }

  async react(room: RoomID, id: MessageID, emoji: Emoji, on: boolean): Promise<ErrorCode | null> {
    const { rooms, wire } = this.a;
    rooms.amend(room, id, (m, me) => reacting(m, emoji, on, me.id));
    const answer = await wire.ask("message.react", { room, id, emoji, on });
    if (answer.error) rooms.amend(room, id, (m, me) => reacting(m, emoji, !on, me.id));
    return answer.error?.code ?? null;
  }

  pin(room: RoomID, id: MessageID | null): Promise<ErrorCode | null> {
    return this.a.later.do("room.notice", { room, id: id ?? ("" as MessageID) });
  }

  async hide(room: RoomID, ids: readonly MessageID[] | "all"): Promise<ErrorCode | null> {
    const { rooms, later } = this.a;
    if (ids === "all") {
      const bad = await later.do("message.hide", { room, all: true });
      if (!bad) rooms.hide(room, "all");
      return bad;
    }
    for (let at = 0; at < ids.length; at += limits.hideIds) {
      const some = ids.slice(at, at + limits.hideIds);
      const bad = await later.do("message.hide", { room, ids: some });
      if (bad) return bad;
      rooms.hide(room, some);
    }
    return null;
  }

  // forward says messages again in other rooms, each as a new one. Files go along without their bytes.
  async forward(to: readonly RoomID[], messages: readonly Message[]): Promise<ErrorCode | null> {
    let bad: ErrorCode | null = null;
    for (const room of to) {
      for (const m of messages) {
        const id = this.a.newId();
        if (!m.file) {
          this.a.say(id, room, m.body);
          continue;
        }
        const ask: SendMessage = { id, room, type: "file", body: m.body, file: m.file.id, forwarded: true };
        bad ??= (await this.a.wire.ask("message.send", ask)).error?.code ?? null;
      }
    }
    return bad;
  }

  async readers(room: RoomID, id: MessageID): Promise<ReadersPage | ErrorCode> {
    const answer = await this.a.http.get<ReadersPage>(`${path(room, id)}/readers`);
    return answer.data ?? answer.error.code;
  }

  async message(room: RoomID, id: MessageID): Promise<Message | ErrorCode> {
    const answer = await this.a.http.get<Message>(path(room, id));
    return answer.data ?? answer.error.code;
  }
}

const back = (m: Message): Pick<Message, "mentions"> => (m.mentions ? { mentions: m.mentions } : {});

const path = (room: RoomID, id: MessageID): string =>
  `rooms/${encodeURIComponent(room)}/messages/${encodeURIComponent(id)}`;
