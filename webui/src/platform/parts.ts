// The outside world of this page, put together: a browser, or the window of a tray.
import { effect } from "@preact/signals-core";
import type { User } from "../gen/protocol.ts";
import { headKey } from "../state/copied.ts";
import type { Clock, Page, Parts } from "../state/parts.ts";
import { askingClaims, lockClaims } from "../wire/claims.ts";
import { createHttp } from "../wire/http.ts";
import { later } from "../wire/later.ts";
import type { Socket } from "../wire/line.ts";
import { createTabs, type Note } from "../wire/tabs.ts";
import { browserCopy } from "./copy.ts";
import { ask } from "./edge.ts";
import { browserKeep, openKeep } from "./keepbrowser.ts";
import { preferredLanguage } from "./language.ts";
import { browserPage, uuid7 } from "./page.ts";
import { browserPopups } from "./popups.ts";
import { browserVerdicts } from "./verdicts.ts";
import { keepOne, popOut, popOutBehind, recallRoom } from "./windows.ts";

const clock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

// copyKey is the name beside the settings under which a tray gives the key of the local copy. No setting has it.
const copyKey = "/copy";

// framed is given in a page of the company's portal: there is no window of ours then, and no tray.
export async function createParts(framed: Page | null = null): Promise<Parts> {
  const fetcher = fetch.bind(globalThis);
  // Nothing of this needs another; the page stands still until all of it is there.
  const open = browserCopy(headKey);
  // A tray serves its own computer, and keeps itself what a browser keeps: one storage opens sooner than two.
  const likely = !framed && location.hostname === "127.0.0.1";
  const opened = likely ? undefined : openKeep(localStorage);
  const coming = likely ? import("./behind.ts") : undefined;
  const tray = framed ? undefined : (await ask<Record<string, unknown>>(fetcher, "edge/v1/keep/settings")).data;
  const behind = tray ? await (coming ?? import("./behind.ts")) : null;
  const key = tray?.[copyKey];
  const copy = behind && typeof key === "string" ? behind.sealedCopy(open, key) : open;
  if (tray) recallRoom(tray["room"]);
  const page = framed ?? browserPage(tray ? popOutBehind(fetcher) : popOut);
  const id = uuid7(Date.now());
  if (!tray && !framed) keepOne(page.alone, id);
  // Behind a tray every window has a line of its own to it, which costs nothing: the tray's is the only one that counts.
  const own = tray && page.alone ? `-${page.alone}` : "";

  const channel = new BroadcastChannel(`sendjay${own}`);
  const notes = { post: (note: Note) => channel.postMessage(note), onnote: (_: Note): void => {} };
  channel.onmessage = (e: MessageEvent<Note>) => notes.onnote(e.data);

  const cries = new BroadcastChannel(`sendjay-claims${own}`);
  const claims = navigator.locks
    ? lockClaims(navigator.locks, own)
    : askingClaims({
        id,
        post: (cry) => cries.postMessage(cry),
        listen: (ear) => {
          cries.onmessage = (e) => ear(e.data);
        },
        onLeave: (run) => addEventListener("pagehide", run),
        after: clock.after,
      });

  // The tray wants to know which room's window it talks to.
  const asked = own && page.alone ? `?room=${encodeURIComponent(page.alone)}` : "";
  const http = createHttp({ fetch: fetcher, alone: claims.alone, marks: localStorage, newId: () => uuid7(Date.now()) });
  const onLeave = (run: () => void): (() => void) => {
    addEventListener("pagehide", run);
    return () => removeEventListener("pagehide", run);
  };
  const address = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
  const wire = createTabs({
    id,
    channel: notes,
    claims,
    clock,
    // What few need is fetched when they do; the window of a tray always reaches it.
    dial: (plain) =>
      plain && !tray
        ? later(async () => (await import("../wire/plain.ts")).plainSocket(http, clock, uuid7(Date.now()), onLeave))
        : (new WebSocket(address + asked) as Socket),
    through: async () => (await import("../wire/plain.ts")).through(() => new WebSocket(`${address}?trial=1`), clock),
    async probe() {
      const answer = await http.get<User>("me");
      if (answer.data) return "in";
      return answer.error.code === "unauthenticated" ? "out" : "unknown";
    },
  });
  // Back from sleep, another network, or a hidden tab: look at once.
  for (const name of ["online", "pageshow", "focus"]) addEventListener(name, () => wire.retry());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") wire.retry();
  });
  document.addEventListener("resume", () => wire.retry());

  const keep = tray && behind ? behind.edgeKeep(fetcher, tray) : browserKeep(localStorage, id, opened);
  if (tray && !page.alone) effect(() => keep.put("settings", "room", page.room.value ?? ""));
  return {
    wire,
    http,
    keep,
    copy,
    clock,
    page,
    popups: browserPopups(tray !== undefined),
    verdicts: browserVerdicts(),
    tray: behind?.behindTray(fetcher) ?? null,
    lang: preferredLanguage(),
  };
}
