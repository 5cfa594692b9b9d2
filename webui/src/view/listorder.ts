// Pinned rooms are put in order by dragging, or with Alt+Shift and an arrow key. It knows the rows of the list by their
// attributes, not how they are drawn.
import type { Room, RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { composing } from "../ui/keys.ts";
import { move, pinnedOf } from "./roomchoices.ts";

// listenOrder returns the way to stop.
export function listenOrder(app: App, list: HTMLElement): () => void {
  let dragged: RoomID | null = null;
  let over: HTMLElement | null = null;

  const roomOf = (id: RoomID): Room | undefined => app.rooms.peek().find((r) => r.room.id === id)?.room;
  const rowOf = (e: Event): HTMLElement | null =>
    e.target instanceof Element ? e.target.closest<HTMLElement>("[data-pinned]") : null;
  const idOf = (row: HTMLElement): RoomID => row.dataset["room"] as RoomID;
  const mark = (row: HTMLElement | null, side?: "before" | "after"): void => {
    if (over && over !== row) delete over.dataset["drop"];
    over = row;
    if (row && side) row.dataset["drop"] = side;
  };

  const ears = {
    dragstart(e: DragEvent) {
      const row = rowOf(e);
      if (!row || !e.dataTransfer) return;
      dragged = idOf(row);
      e.dataTransfer.effectAllowed = "move";
      e.dataTransfer.setData("text/x-sendjay-room", dragged);
    },
    dragover(e: DragEvent) {
      const row = dragged ? rowOf(e) : null;
      if (!row || idOf(row) === dragged) return mark(null);
      e.preventDefault();
      const box = row.getBoundingClientRect();
      mark(row, e.clientY < box.top + box.height / 2 ? "before" : "after");
    },
    drop(e: DragEvent) {
      const room = dragged ? roomOf(dragged) : undefined;
      if (!room || !over) return;
      e.preventDefault();
      const rest = pinnedOf(app).filter((id) => id !== dragged);
      move(app, room, rest.indexOf(idOf(over)) + (over.dataset["drop"] === "after" ? 1 : 0));
    },
    dragend() {
      dragged = null;
      mark(null);
    },
    keydown(e: KeyboardEvent) {
      const by = e.key === "ArrowUp" ? -1 : e.key === "ArrowDown" ? 1 : 0;
      const row = rowOf(e);
      if (!by || !row || !e.altKey || !e.shiftKey || composing(e)) return;
      const room = roomOf(idOf(row));
      if (!room) return;
      e.preventDefault();
      e.stopPropagation();
      move(app, room, pinnedOf(app).indexOf(room.id) + by);
    },
  };
  for (const [name, ear] of Object.entries(ears)) list.addEventListener(name, ear as EventListener);
  return () => {
    for (const [name, ear] of Object.entries(ears)) list.removeEventListener(name, ear as EventListener);
  };
}
