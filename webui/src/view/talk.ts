// What a line of the conversation may do to the rest of it. It knows no elements.
import type { Message, MessageID } from "../gen/protocol.ts";
import type { App, RoomModel } from "../state/app.ts";

export interface Talk {
  readonly app: App;
  readonly model: RoomModel;
  reply(m: Message): void; // the quote goes above the box
  jump(id: MessageID): void; // to another message of this room
}
