// What a line of the conversation may do to the rest of it. It knows no elements.
import type { Message, Quote } from "../gen/protocol.ts";
import type { App, RoomModel } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { note } from "./place.ts";

export interface Talk {
  readonly app: App;
  readonly model: RoomModel;
  reply(m: Message): void; // the quote goes above the box
  edit(m: Message): void; // its text goes into the box
  jump(to: Pick<Quote, "id" | "seq">): void; // to another message of this room
}

// What the box is for, beside a new message.
export type Aim = { readonly kind: "reply" | "edit"; readonly message: Message };

// jumpTo brings a message into sight, and says so when it cannot be seen any more.
export async function jumpTo(app: App, model: RoomModel, to: Pick<Quote, "id" | "seq">): Promise<void> {
  const found = await app.acting.peek()?.message(model.id, to.id);
  if (found === undefined) return;
  if (typeof found === "string") note(found === "not_found" ? say("view.message.gone") : sayError(found));
  else {
    const bad = await model.jump(found.seq);
    if (bad) note(sayError(bad));
  }
}
