// A test notification of this browser, and what it brings to light.
import type { NotifySettings, RoomID } from "../gen/protocol.ts";
import { type Calendar, quietNow } from "../rules/quiet.ts";
import { say } from "../text/say.ts";
import type { Settings, Tried } from "./face.ts";
import type { Popups } from "./parts.ts";

export interface Trying {
  readonly popups: Popups;
  readonly mine: NotifySettings | null;
  readonly settings: Settings;
  readonly holidays: Calendar["holidays"];
  readonly now: number;
}

export function tryNotification({ popups, mine, settings, holidays, now }: Trying): Tried {
  const shown = popups.may.peek() === "granted";
  if (shown) {
    const banner = {
      room: "/test" as RoomID,
      title: say("view.alerts.test.title"),
      body: say("view.alerts.test.body"),
    };
    popups.show(banner, () => {}, settings.sound ?? "", settings.stay === "until");
  }
  const off =
    mine?.notifyOff || !settings.popups
      ? "settings"
      : quietNow({ hours: mine?.quietHours ?? [], holidays }, now)
        ? "quiet"
        : undefined;
  return { shown, service: "browser", click: true, reply: false, withdraw: true, stay: true, ...(off ? { off } : {}) };
}
