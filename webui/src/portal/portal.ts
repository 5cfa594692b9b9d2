// The script in the pages of a company's ERP portal. It shows how much is unread and keeps the messenger connected in a
// hidden frame of the messenger's own origin, so that notifications come without a messenger window. It stands alone:
// nothing else is loaded into the page, and nothing of it is read.
//
//   <script src="https://talk.example.com/portal.js" data-user="kim" data-ticket="/talk-ticket" defer></script>
//
// data-ticket is an address of the portal that answers with a fresh ticket for data-user, as text or {"ticket": "…"}.
// Elements with data-sendjay-unread show the number, those with data-sendjay-open open the messenger, those with
// data-sendjay-chat="lee" a conversation with that person. Scripts call window.sendjay(command, …); what was called
// before this script was there (window.sendjay = function () { (sendjay.q = sendjay.q || []).push(arguments) }) counts.
import type { PortalAlerts, PortalState, Said, Told } from "./words.ts";

type Ears = {
  unread: (n: number) => void;
  state: (state: PortalState) => void;
  alerts: (alerts: PortalAlerts) => void;
};

interface Boot {
  readonly user: string;
  readonly ticket: string | (() => string | Promise<string>);
}

type Waiting = ((...call: unknown[]) => void) & { q?: ArrayLike<unknown>[] };

const script = document.currentScript as HTMLScriptElement | null;
const home = new URL(script?.src ?? location.href).origin;
const target = "sendjay"; // the messenger's window, one for all of the portal's pages
const activeEvery = 20_000;
const patience = 5000;

let frame: HTMLIFrameElement | null = null;
let boot: Boot | null = null;
let unread = 0;
let state: PortalState = "connecting";
let alerts: PortalAlerts = "none";
let activeAt = 0;
let count = 0;
const ears: { [K in keyof Ears]: Ears[K][] } = { unread: [], state: [], alerts: [] };
const ended: (() => void)[] = [];
const chats = new Map<number, Window | null>();

function say(told: Told): void {
  frame?.contentWindow?.postMessage(told, home);
}

async function bring(): Promise<void> {
  let ticket = "";
  try {
    const from = boot?.ticket;
    if (typeof from === "function") ticket = await from();
    else if (from) {
      const answer = await fetch(from, {
        credentials: "same-origin",
        cache: "no-store",
        headers: { Accept: "application/json" },
      });
      const text = answer.ok ? await answer.text() : "";
      ticket = text.startsWith("{") ? String((JSON.parse(text) as { ticket?: unknown }).ticket ?? "") : text.trim();
    }
  } catch {
    // The portal has none now: the frame says so.
  }
  say({ sendjay: "ticket", ticket });
}

function show(): void {
  for (const el of document.querySelectorAll<HTMLElement>("[data-sendjay-unread]")) {
    el.textContent = unread > 999 ? "999+" : String(unread);
    el.hidden = unread === 0;
  }
}

function hear(said: Said): void {
  switch (said.sendjay) {
    case "ready":
      if (boot) say({ sendjay: "boot", user: boot.user });
      return;
    case "ticket":
      void bring();
      return;
    case "unread":
      unread = said.unread;
      show();
      for (const ear of ears.unread) ear(unread);
      return;
    case "state":
      if (said.state !== state) {
        state = said.state;
        for (const ear of ears.state) ear(state);
      }
      if (said.alerts !== alerts) {
        alerts = said.alerts;
        for (const ear of ears.alerts) ear(alerts);
      }
      return;
    case "chat": {
      const there = chats.get(said.n);
      chats.delete(said.n);
      if (there) there.location.href = addressOf(said.room);
      return;
    }
    case "open":
      window.open(addressOf(said.room), target);
      return;
    case "gone":
      end();
      return;
  }
}

function end(): void {
  frame?.remove();
  frame = null;
  for (const done of ended.splice(0)) done();
}

const addressOf = (room: string): string => `${home}/${room ? `#/room/${encodeURIComponent(room)}` : ""}`;

const commands = {
  boot(how: Boot): void {
    if (frame || !how?.user || !how.ticket) return;
    boot = how;
    frame = document.createElement("iframe");
    frame.src = `${home}/portal.html`;
    frame.title = "Sendjay";
    frame.tabIndex = -1;
    frame.setAttribute("aria-hidden", "true");
    frame.style.cssText = "position:absolute;inline-size:0;block-size:0;border:0;visibility:hidden";
    (document.body ?? document.documentElement).append(frame);
  },
  on<K extends keyof Ears>(what: K, ear: Ears[K]): void {
    ears[what]?.push(ear as never);
    // Whoever asks late hears what is known.
    const now = { unread, state, alerts }[what];
    if (now !== undefined) (ear as (now: unknown) => void)(now);
  },
  open(): void {
    window.open(addressOf(""), target)?.focus();
  },
  openRoom(room: string): void {
    window.open(addressOf(String(room)), target)?.focus();
  },
  // The window is opened at once, while the click still counts, and shows the room when it is known.
  openChat(user: string): void {
    const n = ++count;
    chats.set(n, window.open("", target));
    say({ sendjay: "chat", n, user: String(user) });
  },
  useHere: (): void => say({ sendjay: "here" }),
  // For the portal's own sign-out: whoever sits down next must not find the messenger open. A page that goes away takes
  // the frame with it, so it waits for done.
  shutdown(done?: () => void): void {
    boot = null;
    if (done) ended.push(done);
    if (frame) say({ sendjay: "shutdown" });
    else end();
    setTimeout(end, patience); // without a line there is nobody to tell
  },
};

function call(name: unknown, ...rest: unknown[]): void {
  const command = commands[name as keyof typeof commands] as ((...args: unknown[]) => void) | undefined;
  if (Object.hasOwn(commands, String(name))) command?.(...rest);
}

addEventListener("message", (e: MessageEvent<Said>) => {
  if (frame && e.origin === home && e.source === frame.contentWindow && e.data?.sendjay) hear(e.data);
});
document.addEventListener("click", (e) => {
  const at =
    e.target instanceof Element ? e.target.closest<HTMLElement>("[data-sendjay-open],[data-sendjay-chat]") : null;
  if (!at) return;
  e.preventDefault();
  const user = at.dataset["sendjayChat"];
  if (user) commands.openChat(user);
  else commands.open();
});
for (const sign of ["keydown", "pointerdown", "pointermove", "wheel"] as const) {
  addEventListener(
    sign,
    () => {
      const now = Date.now();
      if (now - activeAt < activeEvery) return;
      activeAt = now;
      say({ sendjay: "active" });
    },
    { passive: true, capture: true },
  );
}

const host = window as unknown as { sendjay?: Waiting };
const before = host.sendjay?.q ?? [];
host.sendjay = call;
for (const one of before) call(...(Array.from(one) as [unknown]));
const { user, ticket } = script?.dataset ?? {};
if (user && ticket) commands.boot({ user, ticket });
