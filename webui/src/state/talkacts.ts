// What a person does in rooms: talks, opens files' and links' cards, comes and goes.
import type { MessageID, RoomCreated, RoomID, UserID } from "../gen/protocol.ts";
import type { Drafts } from "./drafts.ts";
import type { App } from "./face.ts";
import type { Later } from "./later.ts";
import type { Live } from "./live.ts";
import type { Model } from "./model.ts";
import type { Outgoing } from "./outgoing.ts";
import type { Parts } from "./parts.ts";
import type { Reading } from "./reading.ts";
import type { Rooms } from "./rooms.ts";

type TalkActs = Pick<
  App,
  | "send"
  | "answered"
  | "sendFile"
  | "extendFile"
  | "dropPreview"
  | "newId"
  | "resend"
  | "discard"
  | "cancel"
  | "seen"
  | "createRoom"
  | "invite"
  | "leave"
  | "kick"
>;

interface Around extends Pick<Parts, "wire" | "page" | "clock"> {
  readonly rooms: Rooms;
  readonly outgoing: Outgoing;
  readonly drafts: Drafts;
  readonly later: Later;
  readonly reading: Reading;
  live(): Live | null;
  model(id: RoomID): Model;
  withdraw(room: RoomID): void; // what was shown of it
  left(room: RoomID): void;
}

export function talkActs(around: Around): TalkActs {
  const { wire, page, clock, rooms, outgoing, drafts, later, reading, model } = around;
  const newId = (): MessageID => page.newId(clock.now());
  return {
    newId,
    send(room, body, more) {
      model(room).answered();
      outgoing.send(newId(), room, body, more);
      drafts.set(room, "");
      around.live()?.sent(room);
    },
    answered: (room) => model(room).answered(),
    async sendFile(ask) {
      return (await wire.ask("message.send", ask)).error ?? null;
    },
    async extendFile(room, id) {
      return (await wire.ask("file.extend", { room, id })).error?.code ?? null;
    },
    async dropPreview(room, id) {
      return (await wire.ask("preview.drop", { room, id })).error?.code ?? null;
    },
    resend(room, id) {
      wire.retry(); // whoever presses it does not want to wait until the line comes back by itself
      outgoing.resend(room, id);
    },
    discard: (room, id) => outgoing.discard(room, id),
    async cancel(room, id) {
      return (await wire.ask("message.cancel", { room, id })).error?.code ?? null;
    },
    seen(room, seq) {
      rooms.readTo(room, seq);
      reading.to(room, seq);
      around.withdraw(room);
    },
    async createRoom(members, title) {
      const answer = await wire.ask("room.create", { members, ...(title ? { title } : {}) });
      if (answer.error) return { error: answer.error.code };
      const made: RoomCreated = answer.data;
      if (rooms.take(made.room)) void rooms.refresh(made.room.id);
      return { room: made.room.id };
    },
    async invite(room, members) {
      let added: readonly UserID[] | null = null;
      const bad = await later.do("room.invite", { room, members }, (invited) => {
        added = invited.added ?? null;
      });
      return bad ? { error: bad } : { added };
    },
    async leave(room) {
      const bad = await later.do("room.leave", { room });
      if (bad) return bad;
      rooms.forget(room);
      around.left(room);
      return null;
    },
    async kick(room, user) {
      return (await wire.ask("room.kick", { room, user })).error?.code ?? null;
    },
  };
}
