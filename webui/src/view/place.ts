// Where the person is on the screen: section, sheet, panel, width. It knows nothing of rooms' contents.
import { computed, signal } from "@preact/signals";
import type { Message, MessageID, Person, Room, RoomID, Seq, UserID } from "../gen/protocol.ts";

export type Section = "chats" | "people" | "admin" | "search";
export type Sheet =
  | { readonly kind: "new" | "jump" | "settings" | "keys" | "diagnose" | "proxy" }
  | { readonly kind: "invite" | "rename" | "archive"; readonly room: RoomID }
  | { readonly kind: "leaveMany"; readonly rooms: readonly RoomID[] }
  | { readonly kind: "why"; readonly room: RoomID; readonly seq: Seq }
  | { readonly kind: "cancel" | "readers"; readonly room: RoomID; readonly message: MessageID }
  | {
      readonly kind: "forward";
      readonly room: RoomID;
      readonly messages: readonly Message[];
      readonly to?: RoomID | undefined; // chosen already
    }
  | { readonly kind: "transcript"; readonly room: RoomID; readonly messages: readonly Message[] } // none: the whole room
  | { readonly kind: "hide"; readonly room: RoomID; readonly messages: readonly Message[] }
  | { readonly kind: "hideAll" | "leave"; readonly room: Room }
  | { readonly kind: "person"; readonly user: UserID }
  | { readonly kind: "kick" | "master"; readonly room: RoomID; readonly user: UserID; readonly name: string };

export const section = signal<Section>("chats");
export const sheet = signal<Sheet | null>(null);
export const panel = signal(false); // the members of the room in front
// A search in the room in front; while it is open, it stands in the place of the members.
export interface Finding {
  readonly room: RoomID;
  readonly from?: Person; // only what this person wrote
  readonly turn: number;
  readonly away: boolean; // it has led somewhere else than where the reader was
}
export const finding = signal<Finding | null>(null);
export const picked = signal<ReadonlySet<RoomID> | null>(null); // rooms chosen in the list, null outside of choosing

const wide = media("(min-width: 1000px)");
// Beside a list and a panel the conversation still has room to breathe.
export const roomy = media("(min-width: 1360px)");
const narrow = media("(max-width: 639.98px)");
export const width = computed(() => (wide.value ? "wide" : narrow.value ? "narrow" : "medium"));

// watching: somebody sits in front of this page.
export const watching = signal(looked());
for (const name of ["focus", "blur", "pageshow"] as const) addEventListener(name, look);
document.addEventListener("visibilitychange", look);

function looked(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}
function look(): void {
  watching.value = looked();
}
function media(query: string) {
  const m = matchMedia(query);
  const s = signal(m.matches);
  m.addEventListener("change", () => {
    s.value = m.matches;
  });
  return s;
}

// Messages of one room being chosen for something; null while nobody chooses.
export const choosing = signal<{ readonly room: RoomID; readonly messages: readonly Message[] } | null>(null);

// The message that is being dragged to another room, and what it is called where it comes from another window.
export const dragged = signal<Message | null>(null);
export const messageKind = "application/x-sendjay-message";

// A short word on what has happened, gone after a moment.
export const noted = signal<{ readonly text: string; readonly turn: number } | null>(null);
let turn = 0;
export function note(text: string): void {
  noted.value = { text, turn: ++turn };
}

// heard is what a screen reader says politely; a new value is said once.
export const heard = signal("");
