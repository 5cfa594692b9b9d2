// What can be done with a room as a whole, for the menus of the list and of the conversation.
import type { Notify, Room, RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { type Key, say } from "../text/say.ts";
import { type Choice, showMenu } from "../ui/Menu.tsx";
import { choosing, heard, picked, sheet, width } from "./place.ts";
import { titleOf } from "./words.ts";

const notifies = [
  ["all", "view.notify.all"],
  ["mentions", "view.notify.mentions"],
  ["none", "view.notify.none"],
] as const satisfies readonly (readonly [Notify, Key])[];

// showRoomMenu opens the menu of a room; of its row in the list it offers more.
export function showRoomMenu(at: HTMLElement | MouseEvent, app: App, room: Room, row: boolean): void {
  const id = room.id;
  const out: Choice[] = [];
  const add = (icon: Choice["icon"] & string, label: Key, act: () => void, more: Partial<Choice> = {}): void => {
    out.push({ icon, label: say(label), act, ...more });
  };
  if (row) add("message-circle", "view.open", () => app.open(id));
  if (app.canPopOut && width.peek() !== "narrow") add("external-link", "view.open.window", () => app.popOut(id));
  if (row && room.unread > 0) add("check-check", "view.read", () => app.seen(id, room.seq));
  if (room.pinned) add("pin-off", "view.unpin", () => void app.setMine(id, { pinned: false }));
  else add("pin", "view.pin", () => void app.setMine(id, { pinned: true }));
  const pinned = pinnedOf(app);
  const place = pinned.indexOf(id);
  if (row && place > 0) add("arrow-up", "view.pin.up", () => move(app, room, place - 1));
  if (row && place >= 0 && place < pinned.length - 1) {
    add("arrow-down", "view.pin.down", () => move(app, room, place + 1));
  }
  if (!room.self) {
    add(room.muted ? "bell-off" : "bell", "view.notify", () => {
      showMenu(
        at,
        say("view.notify"),
        notifies.map(([notify, label]) => ({
          label: say(label),
          on: room.notify === notify,
          act: () => void app.setMine(id, { notify }),
        })),
      );
    });
  }
  add("pencil", "view.rename", () => (sheet.value = { kind: "rename", room: id }), { apart: true });
  add("folder-open", "view.archive", () => (sheet.value = { kind: "archive", room: id }));
  if (app.windows.peek().transcripts) {
    add("download", "view.transcript", () => (sheet.value = { kind: "transcript", room: id, messages: [] }));
  }
  if (!room.self) add("user-plus", "view.invite", () => (sheet.value = { kind: "invite", room: id }));
  if (row) add("list-checks", "view.select", () => (picked.value = new Set([id])));
  else add("list-checks", "view.pick", () => (choosing.value = { room: id, messages: [] }));
  add("trash", "view.hideAll", () => (sheet.value = { kind: "hideAll", room }), { danger: true, apart: true });
  add("log-out", "view.leave", () => (sheet.value = { kind: "leave", room }), { danger: true });
  showMenu(at, titleOf(room), out);
}

export function pinnedOf(app: App): RoomID[] {
  return app.rooms
    .peek()
    .filter((r) => r.room.pinned)
    .map((r) => r.room.id);
}

// move puts a pinned room at another place among the pinned ones.
export function move(app: App, room: Room, to: number): void {
  const rest = pinnedOf(app).filter((id) => id !== room.id);
  const at = Math.max(0, Math.min(rest.length, to));
  void app.orderRooms([...rest.slice(0, at), room.id, ...rest.slice(at)]);
  heard.value = say("view.pin.moved", { title: titleOf(room), n: at + 1 });
}

// toggleMute turns the notifications of a room off, or on again.
export function toggleMute(app: App, room: Room): void {
  void app.setMine(room.id, { notify: room.muted ? "all" : "none" });
  heard.value = say(room.muted ? "view.notify.on" : "view.notify.off");
}
