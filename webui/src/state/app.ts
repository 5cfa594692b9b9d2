// The state of the program and the actions of the person, put together. It knows no DOM, no socket and
// no storage: main hands those in as Parts.
import { batch, effect, signal, untracked } from "@preact/signals-core";
import type {
  Announcement,
  Download,
  Hello,
  Link,
  MessageID,
  NotifySettings,
  Room,
  RoomID,
  RoomPush,
  User,
} from "../gen/protocol.ts";
import { lang } from "../text/say.ts";
import { accountActs } from "./account.ts";
import type { Acting } from "./acting.ts";
import { Alerting } from "./alerting.ts";
import { never } from "./apply.ts";
import { asking } from "./asking.ts";
import { Attending } from "./attention.ts";
import { Choices } from "./choices.ts";
import { type CopiedRoom, headKey, readHead, readRoom, roomKey } from "./copied.ts";
import type { Copying } from "./copying.ts";
import { demanding } from "./demand.ts";
import { Drafts } from "./drafts.ts";
import type { App, LinkView, Lost, Phase, Tried, Windows } from "./face.ts";
import { Later } from "./later.ts";
import { linkView } from "./linkview.ts";
import { listing } from "./listing.ts";
import type { Live } from "./live.ts";
import { withDownload } from "./merge.ts";
import { type Model, modelOf } from "./model.ts";
import { Outgoing } from "./outgoing.ts";
import type { Heard, Parts } from "./parts.ts";
import type { Persons } from "./persons.ts";
import { Reading } from "./reading.ts";
import { roomActs } from "./roomacts.ts";
import { Rooms } from "./rooms.ts";
import { talkActs } from "./talkacts.ts";

export type * from "./face.ts";

const day = 24 * 3600 * 1000;
const firstRetry = 1000;
const lastRetry = 30_000;
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
    tray: () => native.peek().includes("notify"),
  });
  const lost = signal<Lost | null>(null);
  const live = signal<Live | null>(null);
  const persons = signal<Persons | null>(null);
  const announced = signal<Announcement | null>(null);
  const acting = signal<Acting | null>(null);
  const windows = signal<Windows>({ cancel: day, edit: day, transcripts: false });
  const models = new Map<RoomID, Model>();
  let loaded: User["id"] | null = null; // whose drafts and outbox are in memory
  let ui = ""; // the build of the page that the server had when we came
  let stale = false; // the server has a newer page
  let checking = false;
  let sure = false; // the server has said who we are; until then the local copy has
  let copying: Copying | null = null;
  let copied = false; // what is shown came from the local copy and has not been brought up to date yet
  let wait = firstRetry;
  let stopWaiting: () => void = () => {};

  const link = linkView(line, tray);

  const rows = listing(rooms, drafts, outgoing);

  rooms.front = () => page.room.peek();
  rooms.changed = (before, after) => {
    if (after.messages !== before?.messages) outgoing.settle(after.room.id, after.messages);
    models.get(after.room.id)?.note(after);
    alerts.changed(before, after);
    copying?.note(before, after);
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

  // become takes a person in: nothing of another one stays.
  function become(
    user: User,
    kept?: { readonly rooms: readonly Room[]; readonly windows: readonly CopiedRoom[] },
  ): void {
    if (me.peek()?.id === user.id) {
      const mustChange = user.mustChange ?? me.peek()?.mustChange;
      const mustEnrol = user.mustEnrol ?? me.peek()?.mustEnrol;
      me.value = { ...user, ...(mustChange ? { mustChange } : {}), ...(mustEnrol ? { mustEnrol } : {}) };
    } else {
      keep.own(user.id);
      // Whatever is kept of somebody else goes.
      if (!kept) copy.wipe();
      parts.verdicts.own(user.id);
      batch(() => {
        forget();
        me.value = user;
        rooms.reset(user);
        if (kept) void rooms.restore(kept.rooms, kept.windows);
      });
      void restore(user);
      void page.painted().then(async () => {
        const m = await import("./copying.ts");
        if (me.peek()?.id !== user.id || copying) return;
        copying = new m.Copying(copy, rooms, clock, user);
        return copying.begin();
      });
    }
    batch(() => {
      phase.value = "ready";
      const id = page.room.peek();
      if (id) void enter(id);
    });
  }

  // enter goes to a message where one is named, unless it is among the newest: those are read as always.
  async function enter(id: RoomID, seq = page.seq()): Promise<void> {
    await model(id).enter();
    if (
      seq > 0 &&
      !rooms
        .of(id)
        .peek()
        ?.messages.some((m) => m.seq === seq)
    )
      await model(id).jump(seq);
  }

  function readCopy(): Promise<readonly unknown[]> {
    const id = page.room.peek();
    return copy.read(id ? [headKey, roomKey(id)] : [headKey]);
  }

  // showCopy shows what was here last, until the server has said what is here now.
  function showCopy([first, window]: readonly unknown[]): void {
    const head = readHead(first);
    if (!head || head.user.mustChange || head.user.mustEnrol || phase.peek() !== "starting") return;
    const room = readRoom(window, head.user.id);
    copied = true;
    become(head.user, { rooms: head.rooms, windows: room ? [room] : [] });
  }

  async function restore(user: User): Promise<void> {
    const [kept, unsent] = await Promise.all([keep.all("drafts"), keep.all("outbox")]);
    if (me.peek()?.id !== user.id) return;
    loaded = user.id;
    drafts.restore(kept);
    later.restore(unsent);
    // Whether they arrived stands in history.
    for (const id of outgoing.restore(unsent)) {
      outgoing.settle(id, rooms.of(id).peek()?.messages ?? []);
      if (rooms.ids.peek().includes(id)) void rooms.watch(id);
    }
    if (line.peek().state === "online") void later.flush();
  }

  function forget(): void {
    copying?.end();
    copying = null;
    loaded = null;
    persons.peek()?.reset();
    models.clear();
    drafts.reset();
    outgoing.reset();
    later.reset();
    reading.reset();
    alerts.do((a) => a.reset());
    rooms.reset(null);
  }

  function signedOut(): void {
    wire.stop();
    drafts.flush();
    batch(() => {
      me.value = null;
      forget();
      copy.wipe();
      tray.value = null;
      phase.value = "signin";
    });
  }

  // check asks who we are. While nobody answers, the line keeps trying; its hello answers as well.
  async function check(asked = http.get<User>("me")): Promise<void> {
    if (checking) return;
    checking = true;
    stopWaiting();
    const answer = await asked;
    checking = false;
    if (answer.data) {
      sure = true;
      wait = firstRetry;
      become(answer.data);
      wire.start();
    } else if (answer.error.code === "unauthenticated") {
      signedOut();
    } else if (!sure && phase.peek() !== "signin") {
      line.value = { state: "offline", since: clock.now() };
      wire.start();
      stopWaiting = clock.after(wait, () => void check());
      wait = Math.min(wait * 2, lastRetry);
    }
  }

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
        if (heard.link.state === "signed_out" && phase.peek() !== "signin") signedOut();
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
        } else if (heard.word.in) void check();
        else signedOut();
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
      case "alert.why":
      case "alert.because":
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
        if (push.data.state === "signed_out") signedOut();
        else if (push.data.state === "online" && before !== "online") void catchUp();
        return;
      }
      case "download":
        downloads.value = withDownload(downloads.peek(), push.data);
        return;
      case "open":
        if (!wire.leads() || (page.alone && page.alone !== push.data.room)) return;
        open(push.data.room);
        if (push.data.seq) void enter(push.data.room, push.data.seq);
        return;
      default:
        if (push.ev === "message.new") live.peek()?.said(push.room, push.data.sender);
        else if (push.ev !== "receipts" && push.ev !== "room.members") models.get(push.room)?.stale();
        rooms.hear(push satisfies RoomPush);
    }
  }

  // What was said while nobody was here.
  function askAnnounced(): void {
    void http.get<Announcement>("announcement").then((a) => {
      if (a.data) announced.value = a.data;
    });
  }

  async function welcome(hello: Hello, away: number): Promise<void> {
    stopWaiting();
    sure = true;
    stale ||= ui !== "" && hello.server.ui !== ui;
    ui = hello.server.ui;
    native.value = hello.native ?? [];
    const { cancelWindow = day / 1000, editWindow = day / 1000, transcripts = false } = hello.server;
    windows.value = { cancel: cancelWindow * 1000, edit: editWindow * 1000, transcripts };
    tray.value = hello.link ?? null;
    become(hello.user);
    if (away > 0) {
      persons.peek()?.doubt();
      askAnnounced();
    }
    alerts.do((a) => a.catching(away, hello.attention ?? []));
    await catchUp();
    alerts.do((a) => a.caughtUp());
  }

  async function catchUp(): Promise<void> {
    if (loaded) void later.flush();
    const first = rooms.ids.peek().length === 0;
    await rooms.catchUp();
    for (const m of models.values()) m.stale();
    const id = page.room.peek();
    // A room whose first look failed, or that the list did not know.
    // And one that came from the local copy: only now it is known what is new in it.
    if (id && (copied || !rooms.of(id).peek()?.loaded)) void model(id).enter();
    copied = false;
    if (first) for (const row of rows.peek()) if (row.failed > 0) void rooms.watch(row.room.id);
  }

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
    return tryNotification({ popups, mine: alerts.mine.peek(), settings: settings.peek(), now: clock.now() });
  }

  effect(() => {
    const looks = alerts.mine.value?.looks;
    untracked(() => choices.follow(looks));
  });
  wire.listen(hear);
  effect(() => {
    lang.value = settings.value.lang;
  });
  effect(() => {
    if (!page.focused.value && stale) page.reload();
  });
  page.onLeave(() => {
    copying?.flush();
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
    recheck: () => void check(),
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
    allowPopups: () => popups.ask(),
    async start() {
      const asked = http.get<User>("me");
      const seen = readCopy();
      await choices.restore();
      attending.start();
      clock.after(patience, dialled);
      effect(() => {
        const id = page.room.value;
        alerts.dismiss();
        live.peek()?.cease();
        if (id && phase.peek() === "ready") void enter(id);
      });
      showCopy(await seen);
      void page.painted().then(fetchRest);
      await check(asked);
    },
    ...accountActs({
      wire,
      http,
      me,
      become,
      out() {
        signedOut();
        open(null); // whoever comes next need not be in that room
      },
      leave: (to) => page.leave(to),
    }),
    useHere() {
      if (tray.peek()?.state === "replaced") parts.tray?.useHere();
      else wire.useHere();
    },
    retry() {
      if (phase.peek() === "starting") void check();
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
