// The page in its window: who looks at it, when a key or the mouse was last used, and which room its
// address names.
import { signal } from "@preact/signals-core";
import type { MessageID, RoomID, Seq } from "../gen/protocol.ts";
import type { Page } from "../state/parts.ts";
import { aloneOf, takeWish } from "./windows.ts";

const patience = 500; // ms; a page that is not painted by then will not be soon
const signs = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"] as const;

export function browserPage(popOut: (room: RoomID) => void): Page {
  const focused = signal(false);
  const alone = aloneOf(location.search);
  const room = signal(alone ?? placeOf(location.hash).room);
  const message = signal(placeOf(location.hash).message);
  const leaving: (() => void)[] = [];
  const inputs: (() => void)[] = [];
  let last = Date.now();

  const look = (): void => {
    const now = document.visibilityState === "visible" && document.hasFocus();
    if (now && !focused.peek()) last = Date.now();
    focused.value = now;
  };
  look();
  for (const name of ["focus", "blur", "pageshow"]) addEventListener(name, look);
  document.addEventListener("visibilitychange", () => {
    look();
    if (document.visibilityState === "hidden") for (const run of leaving) run();
  });
  addEventListener("pagehide", () => {
    for (const run of leaving) run();
  });
  for (const name of signs) {
    addEventListener(
      name,
      () => {
        last = Date.now();
        for (const run of inputs) run();
      },
      { passive: true, capture: true },
    );
  }
  addEventListener("hashchange", (e) => {
    if (takeWish(new URL(e.oldURL).hash)) return;
    const place = placeOf(location.hash);
    message.value = place.message;
    if (!alone) room.value = place.room;
  });

  return {
    focused,
    room,
    alone,
    popOut,
    message,
    go(id, to) {
      if (alone) {
        if (id && id !== alone) popOut(id);
        message.value = to ?? null;
        return;
      }
      const there = placeOf(location.hash);
      const hash = id ? `#/room/${encodeURIComponent(id)}` : "#/";
      if (there.room !== id) history.pushState(null, "", hash);
      // A message that was pointed at is shown once; the address then names the room alone.
      else if (there.message) history.replaceState(null, "", hash);
      message.value = to ?? null;
      room.value = id;
    },
    seq: () => Number(/^#\/room\/[^/]+\/(\d+)$/.exec(location.hash)?.[1] ?? 0) as Seq,
    lastInput: () => last,
    onInput(run) {
      inputs.push(run);
    },
    newId: (now) => uuid7(now) as MessageID,
    painted: () =>
      new Promise((done) => {
        const soon = (): void => void setTimeout(done);
        // Nobody paints a page that nobody sees.
        if (document.visibilityState !== "visible") return soon();
        const late = setTimeout(done, patience);
        requestAnimationFrame(() => {
          clearTimeout(late);
          soon();
        });
      }),
    reload: () => location.reload(),
    leave: (to) => location.assign(to),
    onLeave(run) {
      leaving.push(run);
    },
  };
}

// The address of a room may go on to a message of it, by its id (a link somebody copied) or its seq (a notification).
function placeOf(hash: string): { readonly room: RoomID | null; readonly message: MessageID | null } {
  const [, room, message] = /^#\/room\/([^/]+)(?:\/message\/([^/]+)|\/\d+)?$/.exec(hash) ?? [];
  try {
    return {
      room: room ? (decodeURIComponent(room) as RoomID) : null,
      message: message ? (decodeURIComponent(message) as MessageID) : null,
    };
  } catch {
    return { room: null, message: null };
  }
}

// uuid7 begins with the time, so that ids made here sort as they were made. randomUUID would need TLS.
export function uuid7(now: number): string {
  const b = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i++) b[i] = Math.floor(now / 2 ** (8 * (5 - i))) & 0xff;
  b[6] = ((b[6] ?? 0) & 0x0f) | 0x70;
  b[8] = ((b[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...b].map((x) => x.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
