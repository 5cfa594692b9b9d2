// What is heard from the line, the tray and other tabs, handed to whom it concerns. It knows neither sockets nor what
// becomes of it there.
import type { Signal } from "@preact/signals-core";
import type { Announcement, Download, Hello, Link, RoomID, RoomPush, User } from "../gen/protocol.ts";
import type { Alerting } from "./alerting.ts";
import { never } from "./apply.ts";
import type { LinkView, Phase, Windows } from "./face.ts";
import type { Live } from "./live.ts";
import { withDownload } from "./merge.ts";
import type { Model } from "./model.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Heard, Page, Wire } from "./parts.ts";
import type { Persons } from "./persons.ts";
import type { Rooms } from "./rooms.ts";
import type { Sitting } from "./sitting.ts";

export const day = 24 * 3600 * 1000;

interface Around {
  readonly wire: Pick<Wire, "leads">;
  readonly page: Page;
  readonly phase: Signal<Phase>;
  readonly me: Signal<User | null>;
  readonly line: Signal<LinkView>;
  readonly tray: Signal<Link | null>;
  readonly native: Signal<readonly string[]>;
  readonly downloads: Signal<readonly Download[]>;
  readonly live: Signal<Live | null>;
  readonly persons: Signal<Persons | null>;
  readonly announced: Signal<Announcement | null>;
  readonly windows: Signal<Windows>;
  readonly rooms: Rooms;
  readonly outgoing: Outgoing;
  readonly alerts: Alerting;
  readonly models: ReadonlyMap<RoomID, Model>;
  readonly sitting: Sitting;
  readonly dialled: () => void; // the first line stands, or cannot
  readonly askAnnounced: () => void;
}

export interface Hearing {
  readonly hear: (heard: Heard) => void;
  readonly stale: () => boolean; // the server has a newer page
}

export function hearing(around: Around): Hearing {
  const { wire, page, phase, me, line, tray, native, downloads, live, persons, announced, windows } = around;
  const { rooms, outgoing, alerts, models, sitting, dialled } = around;
  let ui = ""; // the build of the page that the server had when we came
  let stale = false;

  function hear(heard: Heard): void {
    switch (heard.kind) {
      case "hello":
        dialled();
        void welcome(heard.hello, heard.away);
        return;
      case "link":
        line.value = heard.link;
        if (heard.link.state !== "connecting") dialled();
        if (heard.link.state !== "online") live.peek()?.down();
        if (heard.link.state === "signed_out" && phase.peek() !== "signin") sitting.signedOut();
        return;
      case "sent":
        rooms.sent(heard.ask, heard.reply);
        outgoing.done(heard.ask.id);
        return;
      case "word":
        if (heard.word.kind === "alerted") {
          const { room, seq } = heard.word;
          alerts.do((a) => a.knowsOf(room, seq));
        } else if (heard.word.kind === "banner") {
          const { banner } = heard.word;
          alerts.do((a) => a.show(banner));
        } else if (heard.word.in) void sitting.check();
        else sitting.signedOut();
        return;
      case "push":
        break;
      default:
        never(heard);
    }
    const { push } = heard;
    switch (push.ev) {
      case "attention":
      case "me.settings":
      case "holidays":
      case "alert.why":
      case "alert.because":
      case "alert.whether":
      case "alert.told":
        alerts.hear(push);
        return;
      case "typing":
        live.peek()?.hearTyping(push.data);
        return;
      case "user.changed":
        persons.peek()?.know([push.data]);
        if (push.data.id === me.peek()?.id) me.value = { ...me.peek(), ...push.data };
        return;
      case "presence":
        live.peek()?.hearPresence(push.data.people);
        return;
      case "announced":
        announced.value = push.data;
        return;
      case "limits":
        windows.value = {
          ...windows.peek(),
          cancel: push.data.cancelWindow * 1000,
          edit: push.data.editWindow * 1000,
          urgent: push.data.urgent,
        };
        return;
      case "room.mine":
        rooms.hearMine(push.data);
        return;
      case "message.hidden":
        models.get(push.data.room)?.stale();
        rooms.hearHidden(push.data);
        return;
      case "updates": // the tray's own business
        return;
      case "replaced":
        return; // the line says so when it closes
      case "link": {
        const before = tray.peek()?.state;
        tray.value = push.data;
        if (push.data.state === "signed_out") sitting.signedOut();
        else if (push.data.state === "online" && before !== "online") void sitting.catchUp();
        return;
      }
      case "download":
        downloads.value = withDownload(downloads.peek(), push.data);
        return;
      case "open":
        if (!wire.leads() || (page.alone && page.alone !== push.data.room)) return;
        page.go(push.data.room);
        if (push.data.seq) void sitting.enter(push.data.room, push.data.seq);
        return;
      default:
        if (push.ev === "message.new") live.peek()?.said(push.room, push.data.sender);
        else if (push.ev !== "receipts" && push.ev !== "room.members") models.get(push.room)?.stale();
        rooms.hear(push satisfies RoomPush);
    }
  }

  async function welcome(hello: Hello, away: number): Promise<void> {
    stale ||= ui !== "" && hello.server.ui !== ui;
    ui = hello.server.ui;
    native.value = hello.native ?? [];
    const { cancelWindow = day / 1000, editWindow = day / 1000, transcripts = false, urgent = 0 } = hello.server;
    windows.value = { cancel: cancelWindow * 1000, edit: editWindow * 1000, transcripts, urgent };
    tray.value = hello.link ?? null;
    sitting.greeted(hello.user);
    if (away > 0) {
      persons.peek()?.doubt();
      around.askAnnounced();
    }
    alerts.do((a) => a.catching(away, hello));
    await sitting.catchUp();
    alerts.do((a) => a.caughtUp());
  }

  return { hear, stale: () => stale };
}
