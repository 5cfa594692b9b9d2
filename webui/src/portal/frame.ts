// Our hidden frame in a page of the company's portal: the messenger without a screen. It is one more tab of this
// browser, so all pages and windows together hold one socket, and each message is alerted once. Who the portal says is
// there is who is signed in; a ticket of the portal proves it.
import { effect, signal } from "@preact/signals-core";
import type { RoomID, SignedIn, User, UserID } from "../gen/protocol.ts";
import { lastLanguage } from "../platform/language.ts";
import { browserPage } from "../platform/page.ts";
import { createParts } from "../platform/parts.ts";
import { createApp } from "../state/app.ts";
import type { App } from "../state/face.ts";
import type { Page } from "../state/parts.ts";
import { speak } from "../text/say.ts";
import type { PortalState, Said, Told } from "./words.ts";

// Only the portal's pages can have us in a frame (frame-ancestors), so whoever is our parent is one of them.
let origin = "";
const host = window.parent;

function say(said: Said): void {
  if (origin) host.postMessage(said, origin);
}

let lastInput = Date.now();
const inputs: (() => void)[] = [];

// page is what the frame is for the rest of the program: never looked at, and as busy as the page around it.
function page(): Page {
  return {
    ...browserPage(() => {}),
    focused: signal(false),
    room: signal(null),
    message: signal(null),
    alone: null,
    popOut() {},
    go: (room) => room && say({ sendjay: "open", room }),
    seq: () => 0 as ReturnType<Page["seq"]>,
    lastInput: () => lastInput,
    onInput: (run) => inputs.push(run),
  };
}

async function begin(): Promise<void> {
  const [parts] = await Promise.all([createParts(page()), speak(lastLanguage())]);
  const app = createApp(parts);
  const state = signal<PortalState>("connecting");
  let giveTicket: (ticket: string) => void = () => {};

  async function proved(user: string): Promise<boolean> {
    const me = await parts.http.get<User>("me");
    // Without a line the program tries by itself; a ticket would not help.
    if (me.data?.id === user || (me.error && me.error.code !== "unauthenticated")) return true;
    // Somebody else sat here before: his sign-in ends with his tabs.
    if (me.data) await parts.http.post("auth/logout", {});
    const asked = new Promise<string>((done) => {
      giveTicket = done;
    });
    say({ sendjay: "ticket" });
    const ticket = await asked;
    if (!ticket) return false;
    const answer = await parts.http.post<SignedIn>("auth/ticket", { ticket, device: "web" });
    if (answer.data?.user.id !== user) return false;
    if (me.data) parts.wire.tell({ kind: "signed", in: false });
    parts.wire.tell({ kind: "signed", in: true });
    return true;
  }

  async function boot(user: string): Promise<void> {
    if (!(await proved(user))) {
      state.value = "refused";
      return;
    }
    await app.start();
    effect(() => {
      const me = app.me.value;
      // Another tab signed somebody else in: that is not this page's business.
      state.value = me && me.id !== user ? "signed_out" : stateOf(app);
    });
    effect(() => say({ sendjay: "unread", unread: state.value === "signed_out" ? 0 : app.total.value }));
  }

  effect(() => say({ sendjay: "state", state: state.value, alerts: app.popups.value }));

  let booted = false;
  addEventListener("message", (e: MessageEvent<Told>) => {
    if (e.source !== host || host === window || (origin && e.origin !== origin)) return;
    const told = e.data;
    switch (told?.sendjay) {
      case "boot":
        if (booted) return;
        booted = true;
        origin = e.origin;
        void boot(told.user);
        return;
      case "ticket":
        giveTicket(told.ticket);
        return;
      case "active":
        lastInput = Date.now();
        for (const run of inputs) run();
        return;
      case "chat":
        void chat(app, told.user as UserID).then((room) => say({ sendjay: "chat", n: told.n, room }));
        return;
      case "here":
        app.useHere();
        return;
      case "shutdown":
        void app.signOut().then(() => say({ sendjay: "gone" }));
        return;
    }
  });
  // Whoever is around us may know that we are there; who it is stands in what he says then.
  if (host !== window) host.postMessage({ sendjay: "ready" } satisfies Said, "*");
}

async function chat(app: App, user: UserID): Promise<RoomID | ""> {
  const made = await app.createRoom([user]);
  return "room" in made ? made.room : "";
}

function stateOf(app: App): PortalState {
  if (app.phase.value === "signin") return "signed_out";
  const { state } = app.link.value;
  return state;
}

void begin();
