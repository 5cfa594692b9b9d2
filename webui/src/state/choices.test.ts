import { expect, test } from "vitest";
import { Choices } from "./choices.ts";
import type { Settings } from "./face.ts";
import type { Keep } from "./parts.ts";

function kept(): Keep {
  const there = new Map<string, unknown>();
  return {
    outbox: false,
    own() {},
    all: async () => Object.fromEntries(there),
    put: (_bucket, key, value) => void there.set(key, value),
    drop: (_bucket, key) => void there.delete(key),
    changed() {},
  };
}

test("every choice is there again at the next load", async () => {
  const keep = kept();
  const chosen: Settings = {
    theme: "dark",
    lang: "en",
    text: "large",
    popups: false,
    twice: false,
    sound: "bell",
    stay: "until",
    ownTime: true,
    blink: true,
    overFull: true,
    seenNotice: "n1",
    savedId: "kim",
    ticket: "in",
    listWidth: 344,
    mute: true,
    muteSeen: true,
  };
  new Choices(keep, "ko").set(chosen);
  const next = new Choices(keep, "ko");
  await next.restore();
  expect(next.settings.value).toEqual(chosen);
});

test("what is no choice of ours is passed over", async () => {
  const keep = kept();
  for (const [key, value] of Object.entries({
    theme: "pink",
    lang: 7,
    text: "",
    listWidth: "wide",
    stay: "ever",
    ownTime: "no",
    blink: "yes",
    overFull: 1,
    savedId: "",
    ticket: true,
  }))
    keep.put("settings", key, value);
  const c = new Choices(keep, "ko");
  await c.restore();
  expect(c.settings.value).toEqual({ theme: "system", lang: "ko", text: "normal", popups: true, twice: true });
});
