// System notifications of the browser: one per room, replaced in place. It does not know when to show.
import { signal } from "@preact/signals-core";
import type { RoomID } from "../gen/protocol.ts";
import type { Popups } from "../state/parts.ts";

export function browserPopups(native: boolean): Popups {
  const able = !native && "Notification" in window;
  const may = signal<"granted" | "denied" | "ask" | "none">(able ? wordOf(Notification.permission) : "none");
  const open = new Map<RoomID, { one: Notification; clicked: () => void; stays: boolean }>();
  if (able) {
    // Changed in the settings of the browser, as nobody tells us otherwise.
    navigator.permissions
      ?.query({ name: "notifications" })
      .then((status) => {
        status.onchange = () => {
          may.value = wordOf(Notification.permission);
        };
      })
      .catch(() => {});
  }
  // A click on one would find nobody any more.
  addEventListener("pagehide", () => {
    for (const { one } of open.values()) one.close();
    open.clear();
  });
  const popups: Popups = {
    may,
    async ask() {
      if (able) may.value = wordOf(await Notification.requestPermission());
    },
    show(banner, clicked, sound, stays) {
      if (may.peek() !== "granted") return;
      const { room, title, body } = banner;
      try {
        const one = new Notification(title, {
          body: body.slice(0, 300),
          tag: `sendjay-${room}`,
          silent: sound !== "",
          requireInteraction: stays,
          // Replacing is silent by itself; this one is worth another sound.
          ...(sound === "" ? { renotify: true } : {}),
        } as NotificationOptions);
        if (sound !== "" && sound !== "none") void import("./tones.ts").then(({ play }) => play(sound));
        open.set(room, { one, clicked, stays });
        one.onclick = () => {
          window.focus();
          one.close();
          clicked();
        };
        one.onclose = () => {
          if (open.get(room)?.one === one) open.delete(room);
        };
      } catch {
        // Some browsers allow it from a service worker only; the badge still tells.
        may.value = "none";
      }
    },
    reword(banner) {
      const stands = open.get(banner.room);
      if (stands) popups.show(banner, stands.clicked, "none", stands.stays);
    },
    close(room) {
      open.get(room)?.one.close();
      open.delete(room);
    },
  };
  return popups;
}

function wordOf(permission: NotificationPermission): "granted" | "denied" | "ask" {
  return permission === "default" ? "ask" : permission;
}
