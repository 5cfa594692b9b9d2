// The sentences of the conversation that depend on what happened. It knows messages, not elements.
import type { Message, Quote, Room, UserID } from "../gen/protocol.ts";
import { say } from "../text/say.ts";

// system is the sentence of an invite or leave line.
export function system(m: Message): string {
  const people = (m.people ?? []).map((p) => say("view.honoured", { name: p.name })).join(", ");
  const who = say("view.honoured", { name: m.senderName });
  if (!m.people?.length) return m.body;
  if (m.type === "invite") return say("view.system.invite", { who, people });
  if (m.people.length === 1 && m.people[0]?.id === m.sender) return say("view.system.leave", { who });
  return say("view.system.kick", { who, people });
}

// preview is the one row of a message in a list.
export function preview(m: Message | undefined): string {
  if (!m) return say("view.list.noMessage");
  if (m.cancelled) return say("view.message.cancelled");
  switch (m.type) {
    case "invite":
    case "leave":
      return system(m);
    case "image":
      return say("view.kind.image");
    case "file":
    case "flink":
      return say("view.kind.file", { name: m.file?.name ?? m.body });
    default:
      return m.body.replace(/\s+/g, " ").trim();
  }
}

// told is the same with the word that the message is urgent.
export const told = (m: Message | undefined): string =>
  m?.urgent && !m.cancelled ? `[${say("view.message.urgent")}] ${preview(m)}` : preview(m);

// previewQuote is the one row of what a reply quotes.
export function previewQuote(q: Quote): string {
  if (q.cancelled) return say("view.message.cancelled");
  if (q.type === "image" && !q.body) return say("view.kind.image");
  if ((q.type === "file" || q.type === "flink") && !q.body)
    return say("view.kind.file", { name: q.file?.name ?? "" }).trim();
  return q.body.replace(/\s+/g, " ").trim();
}

// faces are the people whose pictures stand for a room: the others, or oneself when alone.
export function faces(room: Room, me: UserID | undefined) {
  const others = room.members.filter((m) => m.id !== me && !m.left);
  return others.length ? others.slice(0, 4) : room.members.slice(0, 1);
}

// titleOf is what a room is called on the screen.
export const titleOf = (room: Room): string => (room.self && !room.named ? say("view.self") : room.title);

export const isGroup = (room: Room): boolean => room.memberCount > 2;

// unaccented matching for filter boxes: without case and space, so that "김 민수" is found by "김민수".
export function has(text: string, q: string): boolean {
  const flat = (s: string) => s.normalize("NFC").toLocaleLowerCase().replace(/\s+/g, "");
  return flat(text).includes(flat(q));
}

// pairOf is the other one of a talk between two.
export function pairOf(room: Room, me: UserID | undefined): UserID | undefined {
  if (room.memberCount !== 2) return undefined;
  return room.members.find((m) => m.id !== me && !m.left)?.id;
}
