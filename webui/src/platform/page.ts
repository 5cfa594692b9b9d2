// The page in its window: who looks at it, when a key or the mouse was last used, and which room its
// address names.
import { signal } from "@preact/signals-core";
import type { MessageID, RoomID, Seq } from "../gen/protocol.ts";
import type { Page } from "../state/parts.ts";
import { aloneOf, popOut } from "./windows.ts";

const signs = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"] as const;

export function browserPage(windows: boolean): Page {
  const focused = signal(false);
  const alone = aloneOf(location.search);
  const room = signal(alone ?? roomOf(location.hash));
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
  addEventListener("hashchange", () => {
    if (!alone) room.value = roomOf(location.hash);
  });

  return {
    focused,
    room,
    alone,
    popOut: windows ? popOut : null,
    go(id) {
      if (alone) {
        if (id && id !== alone) popOut(id);
        return;
      }
      const hash = id ? `#/room/${encodeURIComponent(id)}` : "#/";
      if (roomOf(location.hash) !== id) history.pushState(null, "", hash);
      room.value = id;
    },
    seq: () => Number(/^#\/room\/[^/]+\/(\d+)$/.exec(location.hash)?.[1] ?? 0) as Seq,
    lastInput: () => last,
    onInput(run) {
      inputs.push(run);
    },
    newId: (now) => uuid7(now) as MessageID,
    reload: () => location.reload(),
    onLeave(run) {
      leaving.push(run);
    },
  };
}

function roomOf(hash: string): RoomID | null {
  const found = /^#\/room\/([^/]+)(?:\/\d+)?$/.exec(hash)?.[1];
  if (!found) return null;
  try {
    return decodeURIComponent(found) as RoomID;
  } catch {
    return null;
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
