// Pinned rooms are put in order by dragging, or with Alt+Shift and an arrow key; a room that is dragged out of the
// window gets one of its own. It knows the rows of the list by their attributes, not how they are drawn.
import type { Room, RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { composing } from "../ui/keys.ts";
import { move, pinnedOf } from "./roomchoices.ts";

// listenOrder returns the way to stop.
export function listenOrder(app: App, list: HTMLElement): () => void {
  let dragged: RoomID | null = null;
  let over: HTMLElement | null = null;
  let outside = false;

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
      const row = e.target instanceof Element ? e.target.closest<HTMLElement>("[data-room]") : null;
      if (!row || !e.dataTransfer) return;
      dragged = idOf(row);
      outside = false;
      e.dataTransfer.effectAllowed = "move";
      e.dataTransfer.setData("text/x-sendjay-room", dragged);
    },
    dragover(e: DragEvent) {
      const pinned = dragged !== null && roomOf(dragged)?.pinned !== undefined;
      const row = pinned ? rowOf(e) : null;
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
    dragend(e: DragEvent) {
      if (dragged && outside && app.canPopOut && e.dataTransfer?.dropEffect === "none") app.popOut(dragged);
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
  // Where a drag ends is told by no coordinates that all engines agree on.
  const edge = (e: DragEvent): void => {
    outside = e.type === "dragleave" && e.relatedTarget === null;
  };
  for (const [name, ear] of Object.entries(ears)) list.addEventListener(name, ear as EventListener);
  for (const name of ["dragenter", "dragleave"] as const) document.addEventListener(name, edge);
  return () => {
    for (const [name, ear] of Object.entries(ears)) list.removeEventListener(name, ear as EventListener);
    for (const name of ["dragenter", "dragleave"] as const) document.removeEventListener(name, edge);
  };
}
