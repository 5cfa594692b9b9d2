// What the view may know and do. It does not know the wire, the storage or the clock behind it.
import type { ReadonlySignal } from "@preact/signals-core";
import type {
  Announcement,
  CertificateFault,
  Decided,
  Device,
  Download,
  ErrorCode,
  Fault,
  Instant,
  LineStep,
  LinkWhy,
  Member,
  Message,
  MessageID,
  NotifySettings,
  Person,
  Presence,
  Replaced,
  Room,
  RoomID,
  SearchPage,
  SendMessage,
  Seq,
  User,
  UserID,
} from "../gen/protocol.ts";
import type { Lang } from "../text/say.ts";
import type { Acting } from "./acting.ts";
import type { Saying } from "./outgoing.ts";
import type { Http } from "./parts.ts";
import type { RoomActs } from "./roomacts.ts";

export type Phase = "starting" | "signin" | "ready"; // signin: no valid session

export interface LinkView {
  readonly state: "online" | "connecting" | "offline" | "signed_out" | "replaced";
  readonly by?: Replaced;
  readonly plain?: boolean; // over plain HTTP, because no WebSocket gets through
  readonly certificate?: CertificateFault; // what is wrong with the server's
  readonly why?: LinkWhy; // behind a tray, where a person can do something about it
  readonly since: number; // local milliseconds
}

export interface RoomRow {
  readonly room: Room;
  readonly draft: string;
  readonly failed: number; // messages that did not go out
}

// For how many milliseconds a message of mine can be taken back or edited, by the server's clock, whether messages may
// be saved as a file, and how many may be urgent in an hour.
export interface Windows {
  readonly cancel: number;
  readonly edit: number;
  readonly transcripts: boolean;
  readonly urgent: number;
}

// One line of a conversation.
export interface Bubble {
  readonly key: string; // the message id: the same from pending to confirmed
  readonly message: Message; // of a pending one: seq 0, at = local time
  readonly state: "sent" | "pending" | "failed";
  readonly code?: ErrorCode; // why it failed
  readonly mine: boolean;
}

export interface RoomModel {
  readonly id: RoomID;
  readonly room: ReadonlySignal<Room | undefined>;
  readonly bubbles: ReadonlySignal<readonly Bubble[]>; // ascending; pending and failed at the end
  readonly loading: ReadonlySignal<boolean>;
  readonly more: ReadonlySignal<boolean>;
  readonly error: ReadonlySignal<ErrorCode | null>;
  readonly marker: ReadonlySignal<Seq | null>; // the first unread seq when the room was opened
  readonly draft: ReadonlySignal<string>;
  // Something further back may be looked at: then the newest messages are not here, and view is another number.
  readonly newer: ReadonlySignal<boolean>;
  readonly view: ReadonlySignal<number>; // 0: the newest messages are here
  readonly aim: ReadonlySignal<{ readonly seq: Seq; readonly turn: number } | null>; // bring this message into sight
  jump(seq: Seq): Promise<ErrorCode | null>;
  readonly wrote: ReadonlySignal<number>; // counts what the person sent here: the end comes into sight for it
  live(): void; // back to the newest messages
  loadNewer(joining: () => void): Promise<void>; // joining is called before both parts become one
  loadOlder(): Promise<void>;
  setDraft(text: string): void; // kept in the platform's storage
}

// Who is typing and who is present. Watch those who are on the screen; the rest stays unknown.
// What is known of people beside their names: picture, absence, nickname.
export interface PersonsView {
  of(id: UserID): ReadonlySignal<User | undefined>;
  know(users: readonly User[]): void;
}

export interface LiveView {
  typing(room: RoomID): ReadonlySignal<readonly Person[]>; // the others, a few of them
  present(user: UserID): ReadonlySignal<Presence | undefined>; // undefined: not known yet
  watch(user: UserID): () => void; // returns how to look away
}

export interface Settings {
  readonly theme: "system" | "light" | "dark";
  readonly lang: Lang;
  readonly text: "small" | "normal" | "large" | "larger";
  readonly seenNotice?: string; // the announcement that was put away
  readonly popups: boolean; // system notifications of this browser
  readonly sound?: string; // of notifications: "" the system's own, "none", or one of ours
  readonly stay?: "" | "short" | "long" | "until"; // "" as the system likes: how long a notification stands there
  readonly overFull?: boolean; // notifications come also while a window fills the screen
  readonly blink?: boolean; // the tray icon blinks while something is unread
  readonly savedId?: string; // the id to offer at the next sign-in
  readonly ticket?: "in" | "out"; // signed in by the ticket of this computer, or signed out, and not in by it since
  readonly mute?: boolean; // the tray found that this computer shows no notifications
  readonly muteSeen?: boolean; // and the person knows
  readonly ownTime?: boolean; // the tray found that the system decides by itself how long a notification stands there
  readonly twice: boolean; // a double click on a room opens it in a window of its own
  readonly listWidth?: number; // of the talk list, in pixels
}

// The in-page banner for a message in another room.
export interface Banner {
  readonly room: RoomID;
  readonly title: string;
  readonly body: string;
}

// A room that was in front when I ceased to be in it.
export interface Lost {
  readonly title: string;
  readonly kicked: boolean; // somebody saw to it; else it was noticed later
}

// What a device decided about a message, the newest last.
export interface Because {
  readonly device: Device;
  readonly self?: boolean; // this browser
  readonly decided: readonly Decided[];
}

// What my devices have answered so far, and whether more of them will.
export interface Answers {
  readonly from: readonly Because[];
  readonly all: boolean;
}

// What a test notification brought to light.
export interface Tried {
  readonly shown: boolean;
  readonly service: string; // of the system, "" for none
  readonly click: boolean;
  readonly reply: boolean;
  readonly withdraw: boolean;
  readonly stay: boolean; // it heeds how long a notification shall stand there
  readonly held?: boolean; // the system shows nothing just now
  readonly off?: "settings" | "quiet" | "paused"; // why messages would not be shown just now
}

// The browser of this machine, where one can sign the desktop application in.
export interface Browser {
  ask(): Promise<string | null>; // opens it; the number to compare, or null when it could not be opened
  wait(number: string): Promise<"in" | "late" | "other">; // other: asked anew meanwhile
}

export interface App extends RoomActs {
  readonly phase: ReadonlySignal<Phase>;
  readonly me: ReadonlySignal<User | null>;
  readonly link: ReadonlySignal<LinkView>;
  readonly native: ReadonlySignal<readonly string[]>;
  readonly downloads: ReadonlySignal<readonly Download[]>; // of the tray, the oldest first
  readonly rooms: ReadonlySignal<readonly RoomRow[]>; // the pinned ones in their order, then newest first
  readonly roomsLoading: ReadonlySignal<boolean>;
  readonly roomsError: ReadonlySignal<ErrorCode | null>;
  readonly moreRooms: ReadonlySignal<boolean>;
  readonly total: ReadonlySignal<number>; // unread in rooms that are not muted
  readonly current: ReadonlySignal<RoomID | null>; // kept in the address: #/room/ID
  readonly settings: ReadonlySignal<Settings>;
  readonly banner: ReadonlySignal<Banner | null>;
  readonly http: Http; // for the parts of the page that ask for lists of their own
  readonly announced: ReadonlySignal<Announcement | null>;
  readonly persons: ReadonlySignal<PersonsView | null>; // null until its part of the program is loaded
  readonly lost: ReadonlySignal<Lost | null>;
  readonly alone: RoomID | null; // this window shows this room and nothing else
  readonly canPopOut: boolean; // this is the main window, and rooms can have one of their own
  popOut(room: RoomID): void; // into a window of its own
  readonly live: ReadonlySignal<LiveView | null>; // null until its part of the program is loaded
  // "ask": the browser has not been asked yet; "none": the tray notifies, or the browser cannot.
  readonly popups: ReadonlySignal<"granted" | "denied" | "ask" | "none">;
  model(id: RoomID): RoomModel;
  start(): Promise<void>;
  signIn(userId: string, password: string, code?: string): Promise<Fault | null>; // null = fine; a code is asked for by the field code
  signInByTicket(): Promise<Fault | null>; // with the Kerberos ticket of this computer
  enrolled(): void; // there is a second factor now, where one was demanded
  changePassword(oldPassword: string, newPassword: string): Promise<ErrorCode | null>;
  signOut(): Promise<void>;
  useHere(): void; // take the session back after "replaced"
  retry(): void; // connect now
  dismissBanner(): void;
  dismissLost(): void;
  // What the person has chosen for all devices; null until it is known.
  readonly notify: ReadonlySignal<NotifySettings | null>;
  setNotify(patch: Partial<NotifySettings>): Promise<ErrorCode | null>;
  why(room: RoomID, seq: Seq): ReadonlySignal<Answers>; // grows while devices answer
  tryNotification(): Promise<Tried>;
  allowPopups(): Promise<void>; // asks the browser; call it from a click
  moreRoomsPlease(): Promise<void>;
  readonly acting: ReadonlySignal<Acting | null>; // null until its part of the program is loaded
  readonly windows: ReadonlySignal<Windows>;
  readonly pointed: ReadonlySignal<MessageID | null>; // the message that the address names: #/room/ID/message/ID
  open(id: RoomID | null, message?: MessageID): void;
  send(room: RoomID, body: string, more?: Saying): void; // pending at once
  answered(room: RoomID): void; // the person sends something, whose bytes may take their time
  sendFile(ask: SendMessage): Promise<Fault | null>; // once its bytes are there; sent again it does no harm
  extendFile(room: RoomID, id: MessageID): Promise<ErrorCode | null>;
  dropPreview(room: RoomID, id: MessageID): Promise<ErrorCode | null>;
  newId(): MessageID;
  awake(): Promise<boolean>; // the server answers, with fresh tokens
  resend(room: RoomID, id: MessageID): void;
  discard(room: RoomID, id: MessageID): void;
  cancel(room: RoomID, id: MessageID): Promise<ErrorCode | null>;
  seen(room: RoomID, seq: Seq): void; // focused, at the bottom, this is the last one seen
  readonly browser: Browser | null; // only behind a tray
  recheck(): void; // somebody may be signed in now
  createRoom(members: readonly UserID[], title?: string): Promise<{ room: RoomID } | { error: ErrorCode }>;
  // null: it waits for the line, so nobody knows yet who is new.
  invite(room: RoomID, members: readonly UserID[]): Promise<{ added: readonly UserID[] | null } | { error: ErrorCode }>;
  leave(room: RoomID): Promise<ErrorCode | null>;
  kick(room: RoomID, user: UserID): Promise<ErrorCode | null>;
  searchUsers(q: string): Promise<readonly User[]>;
  members(room: RoomID): Promise<readonly Member[]>;
  search(q: SearchAsk): Promise<Found>;
  places(room: RoomID, at: readonly Instant[]): Promise<readonly Seq[] | null>; // where moments stand in a room
  setSettings(patch: Partial<Settings>): void;
  diagnose(): Promise<string>; // what the device behind this window says of itself, "" where there is none
  checkLine(): Promise<readonly LineStep[]>; // what a test of the device's way to the server finds, in its order
  // On the desktop only: the address of the server.
  readonly server: ReadonlySignal<ServerAddress | null>;
}

// What is looked for; limits and meanings are the server's.
export interface SearchAsk {
  readonly q?: string;
  readonly room?: RoomID;
  readonly from?: UserID;
  readonly since?: string;
  readonly until?: string;
  readonly before?: string;
  readonly limit?: number;
}

export type Found =
  | { readonly data: SearchPage; readonly error?: never }
  | { readonly error: Fault; readonly data?: never };

export interface ServerAddress {
  get(): Promise<string>;
  set(url: string): Promise<Fault | null>; // the field of an address without an answer says why
  proxy(): Promise<string>; // the one on the way that wants a name and a password, as host:port
  signInAtProxy(proxy: string, name: string, password: string): Promise<ErrorCode | null>;
}
