// The state of the program and the actions of the person, put together. It knows no DOM, no socket and
// no storage: main hands those in as Parts.
import { effect, signal, untracked } from "@preact/signals-core";
import type { Announcement, Download, Link, MessageID, NotifySettings, RoomID, User } from "../gen/protocol.ts";
import { lang } from "../text/say.ts";
import { accountActs } from "./account.ts";
import type { Acting } from "./acting.ts";
import { Alerting } from "./alerting.ts";
import { asking } from "./asking.ts";
import { Attending } from "./attention.ts";
import { Choices } from "./choices.ts";
import { demanding } from "./demand.ts";
import { Drafts } from "./drafts.ts";
import type { App, LinkView, Lost, Phase, Tried, Windows } from "./face.ts";
import { day, hearing } from "./hearing.ts";
import { Later } from "./later.ts";
import { linkView } from "./linkview.ts";
import { listing } from "./listing.ts";
import type { Live } from "./live.ts";
import { type Model, modelOf } from "./model.ts";
import { Outgoing } from "./outgoing.ts";
import type { Parts } from "./parts.ts";
import type { Persons } from "./persons.ts";
import { Reading } from "./reading.ts";
import { roomActs } from "./roomacts.ts";
import { Rooms } from "./rooms.ts";
import { Sitting } from "./sitting.ts";
import { talkActs } from "./talkacts.ts";

export type * from "./face.ts";

// How long a message waits for the first line of a page that has just been opened.
const patience = 5000;

export function createApp(parts: Parts): App {
  const { wire, keep, copy, clock, page, popups } = parts;
  const http = demanding(parts.http, () => {
    const now = me.peek();
    if (now && !now.mustEnrol) me.value = { ...now, mustEnrol: true };
  });
  const phase = signal<Phase>("starting");
  const me = signal<User | null>(null);
  const line = signal<LinkView>({ state: "connecting", since: clock.now() });
  const tray = signal<Link | null>(null); // the tray's own line to the server
  const native = signal<readonly string[]>([]);
  const downloads = signal<readonly Download[]>([]); // of the tray
  const choices = new Choices(keep, parts.lang);
  const { settings } = choices;

  const rooms = new Rooms(http, clock);
  const drafts = new Drafts(keep, clock);
  // What is written before the first line stands, in what the local copy showed, waits for it a moment.
  let dialled: () => void = () => {};
  const answered = new Promise<void>((done) => {
    dialled = done;
  });
  const outgoing = new Outgoing(keep, clock, (ask) => answered.then(() => wire.ask("message.send", ask)));
  const later = new Later(wire, keep, clock);
  const reading = new Reading(later, clock);
  const attending = new Attending(wire, page, clock, () => popups.may.value !== "granted" || !settings.value.popups);
  const alerts = new Alerting({
    rooms,
    wire,
    http,
    page,
    popups,
    clock,
    verdicts: parts.verdicts,
    me: () => me.peek(),
    open,
    sound: () => settings.peek().sound ?? "",
    stays: () => settings.peek().stay === "until",
    tray: () => native.peek().includes("notify"),
  });
  const lost = signal<Lost | null>(null);
  const live = signal<Live | null>(null);
  const persons = signal<Persons | null>(null);
  const announced = signal<Announcement | null>(null);
  const acting = signal<Acting | null>(null);
  const windows = signal<Windows>({ cancel: day, edit: day, transcripts: false, urgent: 0 });
  const models = new Map<RoomID, Model>();

  const link = linkView(line, tray);

  const rows = listing(rooms, drafts, outgoing);

  rooms.front = () => page.room.peek();
  rooms.changed = (before, after) => {
    if (after.messages !== before?.messages) outgoing.settle(after.room.id, after.messages);
    models.get(after.room.id)?.note(after);
    alerts.changed(before, after);
    sitting.note(before, after);
  };

  rooms.lost = (room, by) => {
    if (page.room.peek() !== room.id) return;
    if (by !== me.peek()?.id) lost.value = { title: room.title, kicked: by !== undefined };
    open(null);
  };

  function model(id: RoomID): Model {
    let m = models.get(id);
    if (!m) {
      m = modelOf(id, { rooms, outgoing, drafts, me: () => me.value, wrote: (text) => live.peek()?.wrote(id, text) });
      models.set(id, m);
    }
    return m;
  }

  function open(id: RoomID | null, message?: MessageID): void {
    page.go(id, message);
  }

  const sitting = new Sitting({
    ...{ wire, keep, copy, clock, page, verdicts: parts.verdicts, http, phase, me, line, tray, rooms, drafts },
    ...{ outgoing, later, reading, alerts, persons, models, model },
    ended: () => choices.set({ ticket: "out" }),
  });

  // What was said while nobody was here.
  function askAnnounced(): void {
    void http.get<Announcement>("announcement").then((a) => {
      if (a.data) announced.value = a.data;
    });
  }

  const heard = hearing({
    ...{ wire, page, phase, me, line, tray, native, downloads, live, persons, announced, windows, rooms, outgoing },
    ...{ alerts, models, sitting, dialled, askAnnounced },
  });

  // fetchRest gets what nobody needs for the first picture.
  function fetchRest(): void {
    void import("./acting.ts").then((m) => {
      const newId = (): MessageID => page.newId(clock.now());
      const say = (id: MessageID, room: RoomID, body: string): void =>
        outgoing.send(id, room, body, { forwarded: true });
      acting.value = new m.Acting({ rooms, wire, http, later, clock, newId, say });
    });
    void import("./live.ts").then((m) => {
      live.value = new m.Live(wire, clock, page, () => me.peek()?.id);
    });
    void import("./persons.ts").then((m) => {
      persons.value = new m.Persons(http, clock);
      effect(() => {
        if (phase.value === "ready") untracked(askAnnounced);
      });
    });
  }

  async function tryHere(): Promise<Tried> {
    const { tryNotification } = await import("./trying.ts");
    return tryNotification({
      popups,
      mine: alerts.mine.peek(),
      settings: settings.peek(),
      holidays: alerts.holidays.peek(),
      now: clock.now(),
    });
  }

  effect(() => {
    const looks = alerts.mine.value?.looks;
    untracked(() => choices.follow(looks));
  });
  wire.listen(heard.hear);
  effect(() => {
    lang.value = settings.value.lang;
  });
  effect(() => {
    if (!page.focused.value && heard.stale()) page.reload();
  });
  page.onLeave(() => {
    sitting.flush();
    drafts.flush();
    reading.flush();
  });

  return {
    phase,
    me,
    link,
    native,
    downloads,
    rooms: rows,
    roomsLoading: rooms.loading,
    roomsError: rooms.error,
    moreRooms: rooms.more,
    total: rooms.total,
    current: page.room,
    settings,
    banner: alerts.banner,
    live,
    persons,
    announced,
    http,
    popups: popups.may,
    server: signal(parts.tray?.server ?? null),
    browser: parts.tray?.browser ?? null,
    recheck: () => void sitting.check(),
    model,
    open,
    lost,
    alone: page.alone,
    popOut: (room) => page.popOut(room),
    get canPopOut() {
      return !page.alone && (!parts.tray || native.value.includes("windows"));
    },
    ...roomActs({ wire, http, later, rooms }),
    dismissLost() {
      lost.value = null;
    },
    dismissBanner: () => alerts.dismiss(),
    notify: alerts.mine,
    async setNotify(patch) {
      const before = alerts.mine.peek();
      if (before) alerts.mine.value = { ...before, ...patch };
      const answer = await http.put<NotifySettings>("me/settings", patch);
      alerts.mine.value = answer.data ?? before;
      return answer.error?.code ?? null;
    },
    why: (room, seq) => alerts.why(room, seq),
    tryNotification: () => (parts.tray ? parts.tray.tryNotification() : tryHere()),
    diagnose: async () => (await parts.tray?.diagnose()) ?? "",
    checkLine: async () => (await parts.tray?.checkLine()) ?? [],
    allowPopups: () => popups.ask(),
    async start() {
      const asked = http.get<User>("me");
      const seen = sitting.readCopy();
      await choices.restore();
      attending.start();
      clock.after(patience, dialled);
      effect(() => {
        const id = page.room.value;
        alerts.dismiss();
        live.peek()?.cease();
        if (id && phase.peek() === "ready") void sitting.enter(id);
      });
      sitting.showCopy(await seen);
      void page.painted().then(fetchRest);
      await sitting.check(asked);
    },
    ...accountActs({
      wire,
      http,
      me,
      become: (user) => sitting.become(user),
      mark: (ticket) => choices.set({ ticket }),
      out() {
        sitting.signedOut();
        open(null); // whoever comes next need not be in that room
      },
      leave: (to) => page.leave(to),
    }),
    useHere() {
      if (tray.peek()?.state === "replaced") parts.tray?.useHere();
      else wire.useHere();
    },
    retry() {
      if (phase.peek() === "starting") void sitting.check();
      parts.tray?.retry();
      wire.retry();
    },
    moreRoomsPlease: () => rooms.morePlease(),
    acting,
    windows,
    pointed: page.message,
    ...talkActs({
      wire,
      page,
      clock,
      rooms,
      outgoing,
      drafts,
      later,
      reading,
      model,
      live: () => live.peek(),
      withdraw: (room) => alerts.withdraw(room),
      left(room) {
        if (page.room.peek() === room) open(null);
      },
    }),
    ...asking(http, rooms),
    setSettings: (patch) => choices.set(patch),
  };
}
