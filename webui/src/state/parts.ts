// What the state needs from the outside world. It declares it here; src/wire and src/platform fit.
import type { ReadonlySignal } from "@preact/signals-core";
import type {
  Attention,
  Decided,
  Fault,
  Hello,
  LineStep,
  MessageID,
  MessageSent,
  Op,
  Push,
  Replies,
  Requests,
  RoomID,
  SendMessage,
  Seq,
  UserID,
} from "../gen/protocol.ts";
import type { Lang } from "../text/say.ts";
import type { Banner, Browser, LinkView, ServerAddress, Tried } from "./face.ts";

// An answer or a refusal; asking never throws.
export type Outcome<T> =
  | { readonly data: T; readonly error?: never }
  | { readonly error: Fault; readonly data?: never };

// What tabs of one browser say to each other, beside sharing the socket.
export type Word =
  | { readonly kind: "signed"; readonly in: boolean }
  | { readonly kind: "alerted"; readonly room: RoomID; readonly seq: Seq }
  | { readonly kind: "banner"; readonly banner: Banner };

export type Heard =
  | { readonly kind: "hello"; readonly hello: Hello; readonly away: number } // ms without a line before it
  | { readonly kind: "push"; readonly push: Exclude<Push, { ev: "hello" }> }
  | { readonly kind: "sent"; readonly ask: SendMessage; readonly reply: MessageSent } // by any tab
  | { readonly kind: "link"; readonly link: LinkView }
  | { readonly kind: "word"; readonly word: Word };

export interface Wire {
  listen(ear: (heard: Heard) => void): void;
  start(): void;
  stop(): void;
  retry(): void;
  useHere(): void;
  ask<O extends Op>(op: O, data: Requests[O]): Promise<Outcome<Replies[O]>>;
  attend(attention: Attention): void; // the wire joins what all tabs say
  watch(users: readonly UserID[]): void; // likewise whom all tabs watch; how they are comes as a push
  tell(word: Word): void; // to the other tabs
  leads(): boolean; // this tab holds the socket
  attended(): { readonly attention: Attention; readonly at: number }; // of all tabs together, and since when
}

export interface Http {
  get<T>(path: string): Promise<Outcome<T>>;
  post<T>(path: string, body: unknown): Promise<Outcome<T>>;
  put<T>(path: string, body: unknown): Promise<Outcome<T>>;
  send<T>(path: string, bytes: object): Promise<Outcome<T>>;
  drop<T>(path: string): Promise<Outcome<T>>;
}

export type Bucket = "drafts" | "outbox" | "settings";

// What survives reload, crash and restart. put and drop return at once and lose nothing by it.
export interface Keep {
  readonly outbox: boolean; // false: somebody else (the tray) writes the outbox, we only read and drop
  own(user: UserID): void; // whose drafts and outbox these are
  all(bucket: Bucket): Promise<Readonly<Record<string, unknown>>>;
  put(bucket: Bucket, key: string, value: unknown): void;
  drop(bucket: Bucket, key: string): void;
  changed(ear: (bucket: Bucket, key: string, value: unknown) => void): void; // by another tab; undefined: dropped
}

// What was seen last, so that the page opens at once, also without a line. It may be lost at any time, and nothing
// here ever fails.
export interface Copy {
  read(keys: readonly string[]): Promise<readonly unknown[]>; // in the order of the keys, or nothing
  all(): Promise<readonly unknown[]>;
  write(put: Readonly<Record<string, unknown>>, drop: readonly string[]): void;
  wipe(): void;
}

export interface Clock {
  now(): number;
  after(ms: number, run: () => void): () => void; // returns how to call it off
  random(): number;
}

// The page: who looks at it, and its address.
export interface Page {
  readonly focused: ReadonlySignal<boolean>; // visible, with the keyboard
  readonly room: ReadonlySignal<RoomID | null>; // from the address
  readonly alone: RoomID | null; // the page is a window of this room
  readonly popOut: (room: RoomID) => void;
  seq(): Seq; // the message that the address names beside the room, 0 for none
  readonly message: ReadonlySignal<MessageID | null>; // from the address, by its id
  go(room: RoomID | null, message?: MessageID): void;
  lastInput(): number;
  onInput(run: () => void): void;
  newId(now: number): MessageID;
  painted(): Promise<void>; // what is to be shown now is on the screen
  reload(): void;
  leave(to: string): void; // for another site
  onLeave(run: () => void): void; // the page is hidden or goes away: store what is not stored
}

export interface Popups {
  readonly may: ReadonlySignal<"granted" | "denied" | "ask" | "none">;
  ask(): Promise<void>;
  // show replaces the one of the same room; sound is "" for the system's own, "none", or one of ours. With
  // stays it is there until the person does something about it.
  show(banner: Banner, clicked: () => void, sound: string, stays: boolean): void;
  // reword gives the one that stands there another text, without a sound.
  reword(banner: Banner): void;
  close(room: RoomID): void;
}

// What this device decided about messages in the last 14 days, without a word of them.
export interface Verdicts {
  own(user: UserID): void;
  add(room: RoomID, seq: Seq, decided: Decided): void;
  get(room: RoomID, seq: Seq): Promise<readonly Decided[]>;
}

export interface Parts {
  readonly verdicts: Verdicts;
  readonly wire: Wire;
  readonly http: Http;
  readonly keep: Keep;
  readonly copy: Copy;
  readonly clock: Clock;
  readonly page: Page;
  readonly popups: Popups;
  // Behind a tray: its own line to the server, of which it tells by link events.
  readonly tray: {
    readonly server: ServerAddress;
    useHere(): void;
    retry(): void;
    tryNotification(): Promise<Tried>;
    diagnose(): Promise<string>;
    checkLine(): Promise<readonly LineStep[]>;
    readonly browser: Browser;
  } | null;
  readonly lang: Lang; // what the browser prefers
}
