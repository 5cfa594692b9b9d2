// Puts the page together and starts it.
import { effect } from "@preact/signals-core";
import { takeEntry } from "./platform/entry.ts";
import { lastLanguage, rememberLanguage } from "./platform/language.ts";
import { createParts } from "./platform/parts.ts";
import { createApp } from "./state/app.ts";
import { lang, speak } from "./text/say.ts";
import { inFrames } from "./ui/frames.ts";
import { mount } from "./view/mount.tsx";
import { titleOf } from "./view/words.ts";

// Nothing is awaited outside of it: the later parts take from this same piece, and would wait for its end.
async function begin(): Promise<void> {
  const came = takeEntry();
  const [parts] = await Promise.all([createParts(), speak(lastLanguage())]);
  const { wire } = parts;
  const app = createApp({ ...parts, wire: { ...wire, listen: (ear) => wire.listen((h) => inFrames(() => ear(h))) } });
  if (came.entered) {
    // The other tabs were of whoever was here before.
    parts.wire.tell({ kind: "signed", in: false });
    parts.wire.tell({ kind: "signed", in: true });
  }
  // What stands on the tab comes a moment after what stands on the page.
  void import("./platform/badge.ts").then(({ showBadge }) =>
    effect(() => {
      // Signing in begins with new rooms, so the ones before are not followed.
      const room = app.phase.value === "ready" && app.alone ? app.model(app.alone).room.value : undefined;
      showBadge(room ? room.unread : app.total.value, room && titleOf(room));
    }),
  );
  effect(() => {
    document.documentElement.lang = lang.value;
    rememberLanguage(lang.value);
  });
  const root = document.getElementById("app");
  if (root) mount(app, root);
  await app.start();
  if (!parts.tray) void import("./platform/shell.ts").then((m) => m.keepShell());
}

void begin();
