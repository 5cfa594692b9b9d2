// Windows that show one room and nothing else, beside the main one: one for each room. They share the main window's
// socket and go when it goes, but not when it is only loaded anew.
import { signal } from "@preact/signals-core";
import type { RoomID } from "../gen/protocol.ts";

const shape = "popup,width=480,height=720";
const reload = 1500; // ms within which a page that is loaded anew is back

type Word = { readonly room: RoomID; readonly id: string } | { readonly main: "gone" };

// aloneOf is the room that the address gives a window to, null for the main window.
export function aloneOf(search: string): RoomID | null {
  return (new URLSearchParams(search).get("room") || null) as RoomID | null;
}

// popOut opens the room's window, or brings it to the front. It is called from a click.
export function popOut(room: RoomID): void {
  const there = window.open("", `sendjay-${room}`, shape);
  if (!there) return;
  if (there.location.href === "about:blank") there.location.href = `/?room=${encodeURIComponent(room)}`;
  else there.focus();
}

// popOutBehind asks the tray for the room's window: there a page cannot open one by itself.
export function popOutBehind(fetcher: typeof fetch): (room: RoomID) => void {
  return (room) =>
    void fetcher("edge/v1/window", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ room }),
    }).catch(() => {}); // the tray ends, and this page with it
}

// wish is what the tray asks this page to show beside a room.
export const wish = signal<"diagnose" | null>(null);

// takeWish reports whether the address was a wish; it then goes back to what it was.
export function takeWish(before: string): boolean {
  if (location.hash !== "#/diagnose") return false;
  wish.value = "diagnose";
  history.replaceState(null, "", before || location.pathname + location.search);
  return true;
}

// recallRoom goes back to where the main window was when the tray ended it.
export function recallRoom(room: unknown): void {
  takeWish("");
  if (typeof room !== "string" || room === "" || aloneOf(location.search) || location.hash.length > 1) return;
  history.replaceState(null, "", `#/room/${encodeURIComponent(room)}`);
}

// keepOne closes this window when a newer one shows the same room, or when the main window has gone.
export function keepOne(alone: RoomID | null, id: string): void {
  const words = new BroadcastChannel("sendjay-windows");
  const say = (word: Word): void => words.postMessage(word);
  if (!alone) {
    addEventListener("pagehide", () => say({ main: "gone" }));
    return;
  }
  words.onmessage = (e: MessageEvent<Word>) => {
    if ("main" in e.data) {
      setTimeout(() => {
        if (window.opener?.closed !== false) window.close();
      }, reload);
    } else if (e.data.room === alone && e.data.id !== id) window.close();
  };
  say({ room: alone, id });
}
