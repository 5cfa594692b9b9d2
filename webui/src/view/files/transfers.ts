// The uploads of this page: what is on its way, how far it is, and what went wrong. Each becomes a message when, and
// only when, its bytes are whole at the server. They survive a reload as far as the browser keeps files.
import { signal } from "@preact/signals";
import type { Fault, FileID, MessageID, RoomID } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say } from "../../text/say.ts";
import { drop, Stopped, upload } from "../../wire/upload.ts";
import { shelf } from "./shelf.ts";

export interface Transfer {
  readonly id: MessageID; // of the message to be
  readonly room: RoomID;
  readonly name: string;
  readonly size: number;
  readonly kind: string;
  readonly body: string;
  readonly reply?: MessageID;
  readonly urgent?: boolean;
  readonly upload: string | null; // the server's id
  readonly sent: number;
  // lost: the page was reloaded and the browser did not keep the bytes; they have to be chosen again.
  readonly state: "waiting" | "going" | "finishing" | "paused" | "failed" | "lost";
  readonly fault?: Fault;
  readonly held?: boolean; // nothing moves for now: no line, or the server cannot
}

const atOnce = 2;
const all = signal<readonly Transfer[]>([]);
const bytes = new Map<MessageID, Blob>();
const stops = new Map<MessageID, AbortController>();
let owner = "";

export const transfersOf = (room: RoomID): readonly Transfer[] => all.value.filter((t) => t.room === room);
export const blobOf = (id: MessageID): Blob | undefined => bytes.get(id);

// restore shows what an earlier page of the same person left behind, and goes on with it.
export async function restore(app: App): Promise<void> {
  const me = app.me.peek()?.id ?? "";
  if (me === "" || owner === me) return;
  owner = me;
  for (const stop of stops.values()) stop.abort();
  bytes.clear();
  all.value = [];
  for (const kept of await shelf.all(me)) {
    if (all.peek().some((t) => t.id === kept.transfer.id)) continue;
    if (kept.file) bytes.set(kept.transfer.id, kept.file);
    const { fault: _, held: __, ...rest } = kept.transfer;
    const state = rest.state === "paused" ? "paused" : "waiting"; // who paused it goes on with it
    all.value = [...all.peek(), { ...rest, state: kept.file ? state : "lost" }];
  }
  next(app);
}

// What goes along with the last of the files.
interface Along {
  readonly reply?: MessageID | undefined;
  readonly urgent?: boolean;
}

export function begin(app: App, room: RoomID, files: readonly File[], body: string, more: Along = {}): void {
  app.answered(room); // now, and not when they are whole: by then the person may be reading elsewhere
  files.forEach((file, i) => {
    // What was said stands with the last one, below them all.
    const said = i === files.length - 1;
    const t: Transfer = {
      id: app.newId(),
      room,
      name: file.name,
      size: file.size,
      kind: file.type,
      body: said ? body : "",
      ...(said && more.reply ? { reply: more.reply } : {}),
      ...(said && more.urgent ? { urgent: true } : {}),
      upload: null,
      sent: 0,
      state: "waiting",
    };
    bytes.set(t.id, file);
    all.value = [...all.peek(), t];
    void shelf.put(owner, t, file);
  });
  next(app);
}

export function pause(id: MessageID): void {
  set(id, { state: "paused" });
  stops.get(id)?.abort();
  note(id);
}

export function resume(app: App, id: MessageID): void {
  set(id, { state: "waiting" });
  note(id);
  next(app);
}

// note keeps how an upload stands now, for the page after a reload.
function note(id: MessageID): void {
  const now = all.peek().find((t) => t.id === id);
  if (now) void shelf.put(owner, now);
}

export function again(app: App, id: MessageID, file: File): void {
  bytes.set(id, file);
  resume(app, id);
}

export function abort(app: App, id: MessageID): void {
  const t = all.peek().find((x) => x.id === id);
  stops.get(id)?.abort();
  remove(id);
  if (t?.upload) drop(t.upload);
  next(app);
}

function next(app: App): void {
  for (const t of all.peek()) {
    if (stops.size >= atOnce) return;
    if (t.state === "waiting" && !stops.has(t.id)) void go(app, t);
  }
}

async function go(app: App, t: Transfer): Promise<void> {
  const file = bytes.get(t.id);
  if (!file) return set(t.id, { state: "lost" });
  const stop = new AbortController();
  stops.set(t.id, stop);
  set(t.id, { state: "going", held: false });
  try {
    const done = await upload({
      file,
      name: t.name,
      room: t.room,
      id: t.upload,
      began: (id) => {
        set(t.id, { upload: id });
        const now = all.peek().find((x) => x.id === t.id);
        if (now) void shelf.put(owner, now);
        else drop(id); // given up meanwhile
      },
      moved: (sent) => set(t.id, { sent, held: false, ...(sent >= t.size ? { state: "finishing" as const } : {}) }),
      held: () => set(t.id, { held: true }),
      awake: () => app.awake(),
      signal: stop.signal,
    });
    if ("error" in done) set(t.id, { state: "failed", fault: done.error });
    else await show(app, t, done.id as FileID, stop.signal);
  } catch (e) {
    if (!(e instanceof Stopped)) set(t.id, { state: "failed", fault: { code: "internal", message: "" } });
  } finally {
    stops.delete(t.id);
    next(app);
  }
}

// show sends the message. Whether an answer that did not come was a yes is found out by sending it again.
async function show(app: App, t: Transfer, file: FileID, signal: AbortSignal): Promise<void> {
  await turn(t, signal);
  let urgent = t.urgent;
  for (let wait = 1000; !signal.aborted; wait = Math.min(2 * wait, 20_000)) {
    const fault = await app.sendFile({
      id: t.id,
      room: t.room,
      type: "file",
      body: t.body,
      file,
      ...(t.reply ? { reply: t.reply } : {}),
      ...(urgent ? { urgent } : {}),
    });
    if (!fault) return remove(t.id);
    if (urgent && fault.field === "urgent") {
      // Bytes that came all this way do not wait for the next hour.
      urgent = false;
      void import("../place.ts").then(({ note: tell }) => tell(say("view.file.notUrgent")));
      continue;
    }
    if (fault.code !== "unavailable" && fault.code !== "rate_limited") {
      return set(t.id, { state: "failed", fault });
    }
    set(t.id, { held: true });
    await new Promise((done) => setTimeout(done, (fault.retryAfter ?? 0) * 1000 || wait));
  }
}

// turn waits for those that were chosen before and are on their way, so that all come in the order of choosing.
function turn(t: Transfer, stop: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const off = all.subscribe((now) => {
      const at = now.findIndex((x) => x.id === t.id);
      const before = now.slice(0, Math.max(at, 0));
      if (stop.aborted || !before.some((x) => x.room === t.room && (x.state === "going" || x.state === "finishing"))) {
        queueMicrotask(() => off());
        done();
      }
    });
  });
}

function set(id: MessageID, change: Partial<Transfer>): void {
  all.value = all.peek().map((t) => (t.id === id ? { ...t, ...change } : t));
}

function remove(id: MessageID): void {
  all.value = all.peek().filter((t) => t.id !== id);
  bytes.delete(id);
  void shelf.drop(id);
}
