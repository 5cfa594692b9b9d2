// The keys that work anywhere in the page. It knows the order of the regions and of the rooms.
import type { Person } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { composing, shortcut, typingIn } from "../ui/keys.ts";
import { later } from "./later.ts";
import { choosing, finding, panel, picked, section, sheet, width } from "./place.ts";

export function listenKeys(app: App, root: HTMLElement): () => void {
  const onKeyDown = (e: KeyboardEvent) => {
    // While a sheet is open it alone has the keys, also where what had the focus in it is gone.
    if (e.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (e.key === "Escape" && !composing(e)) {
      if (up(app)) e.preventDefault();
      return;
    }
    const what = shortcut(e, typingIn(e.target));
    if (!what || app.link.peek().state === "replaced") return;
    e.preventDefault();
    switch (what) {
      case "jump":
      case "keys":
      case "settings":
      case "new":
        sheet.value = { kind: what };
        return;
      case "find":
        return find(app);
      case "search":
        section.value = "search";
        if (width.peek() !== "wide") app.open(null);
        return;
      case "mute": {
        const id = app.current.peek();
        const room = id && app.model(id).room.peek();
        if (room) later.peek()?.toggleMute(app, room);
        return;
      }
      case "previous":
        return go(app, -1);
      case "next":
        return go(app, 1);
      case "region":
        return region(root, 1);
      case "region-back":
        return region(root, -1);
    }
  };
  addEventListener("keydown", onKeyDown);
  return () => removeEventListener("keydown", onKeyDown);
}

// find opens the search of the room in front; without one, that of all rooms.
export function find(app: App, from?: Person): void {
  const room = app.current.peek();
  if (!room) section.value = "search";
  else {
    const now = finding.peek();
    finding.value = { room, ...(from ? { from } : {}), turn: (now?.turn ?? 0) + 1, away: now?.away ?? false };
  }
}

// up closes the top layer that is no dialog: choosing, the panel, then the room where it covers the list.
function up(app: App): boolean {
  if (choosing.peek()) {
    choosing.value = null;
    return true;
  }
  if (picked.peek()) {
    picked.value = null;
    return true;
  }
  // From a message back to where one writes.
  const box = document.activeElement?.closest("[data-message]") && document.querySelector<HTMLElement>("main textarea");
  if (box) {
    box.focus();
    return true;
  }
  if (finding.peek()) {
    finding.value = null;
    return true;
  }
  if (panel.peek()) {
    panel.value = false;
    return true;
  }
  if (app.alone) {
    window.close(); // what was typed is kept
    return true;
  }
  if (width.peek() !== "wide" && app.current.peek() !== null) {
    app.open(null);
    return true;
  }
  return false;
}

function go(app: App, by: number): void {
  const rooms = app.rooms.peek();
  if (rooms.length === 0) return;
  const at = rooms.findIndex((r) => r.room.id === app.current.peek());
  const to = at < 0 ? (by > 0 ? 0 : rooms.length - 1) : at + by;
  const room = rooms[to];
  if (!room) return;
  section.value = "chats";
  app.open(room.room.id);
}

function region(root: HTMLElement, by: number): void {
  const all = [...root.querySelectorAll<HTMLElement>("[data-region]")];
  const at = all.findIndex((r) => r.contains(document.activeElement));
  const next = all[(at + by + all.length) % all.length];
  const stop = next?.querySelector<HTMLElement>("textarea, [data-stop][tabindex='0'], [aria-current]");
  (stop ?? next)?.focus();
}
