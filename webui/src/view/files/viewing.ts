// Which file is looked at in the large. It knows no elements.
import { signal } from "@preact/signals";
import type { MessageID, RoomID } from "../../gen/protocol.ts";

export const viewed = signal<{ readonly room: RoomID; readonly message: MessageID } | null>(null);

export function view(room: RoomID, message: MessageID): void {
  viewed.value = { room, message };
}
