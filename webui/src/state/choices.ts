// What the person has chosen for the page: kept in this browser, and followed where it was chosen on another device.
import { type Signal, signal } from "@preact/signals-core";
import type { Looks } from "../gen/protocol.ts";
import type { Settings } from "./face.ts";
import type { Keep } from "./parts.ts";

export class Choices {
  readonly settings: Signal<Settings>;

  constructor(
    private readonly keep: Keep,
    private readonly preferred: Settings["lang"],
  ) {
    this.settings = signal(readSettings({}, preferred));
    keep.changed((bucket, key, value) => {
      if (bucket === "settings") this.take({ ...this.settings.peek(), [key]: value });
    });
  }

  async restore(): Promise<void> {
    this.take({ ...(await this.keep.all("settings")) });
  }

  set(patch: Partial<Settings>): void {
    this.settings.value = { ...this.settings.peek(), ...patch };
    for (const [key, value] of Object.entries(patch)) this.keep.put("settings", key, value);
  }

  // follow takes over what was chosen on another device.
  follow(looks: Looks | undefined): void {
    if (!looks) return;
    this.take({ ...this.settings.peek(), ...looks });
    for (const key of ["theme", "lang", "text"] as const) this.keep.put("settings", key, this.settings.peek()[key]);
  }

  private take(stored: Readonly<Record<string, unknown>>): void {
    this.settings.value = readSettings(stored, this.preferred);
  }
}

function readSettings(stored: Readonly<Record<string, unknown>>, preferred: Settings["lang"]): Settings {
  const { theme, lang: language, popups, sound, text, seenNotice, savedId, listWidth, twice, mute, muteSeen } = stored;
  const { stay, ownTime, blink, overFull, ticket } = stored;
  return {
    theme: theme === "light" || theme === "dark" ? theme : "system",
    lang: language === "ko" || language === "en" ? language : preferred,
    text: text === "small" || text === "large" || text === "larger" ? text : "normal",
    popups: popups !== false,
    twice: twice !== false,
    ...(mute === true ? { mute } : {}),
    ...(muteSeen === true ? { muteSeen } : {}),
    ...(typeof sound === "string" ? { sound } : {}),
    ...(stay === "short" || stay === "long" || stay === "until" ? { stay } : {}),
    ...(ownTime === true ? { ownTime } : {}),
    ...(blink === true ? { blink } : {}),
    ...(overFull === true ? { overFull } : {}),
    ...(typeof seenNotice === "string" ? { seenNotice } : {}),
    ...(typeof savedId === "string" && savedId ? { savedId } : {}),
    ...(ticket === "in" || ticket === "out" ? { ticket } : {}),
    ...(typeof listWidth === "number" ? { listWidth } : {}),
  };
}
