// What a local copy holds, and how it becomes rooms again. Everything in it may be old: a room that comes from it is
// caught up like one after a long gap.
import type { Message, Rev, Room, RoomID, User } from "../gen/protocol.ts";
import { fromRoom, type RoomState } from "./room.ts";

// A copy of another shape is thrown away.
export const copyVersion = 1;

export interface CopiedHead {
  readonly v: number;
  readonly user: User;
  readonly rooms: readonly Room[];
}

export interface CopiedRoom {
  readonly v: number;
  readonly user: User["id"];
  readonly room: Room;
  readonly rev: Rev;
  readonly whole: boolean;
  readonly more: boolean;
  readonly messages: readonly Message[];
}

export const headKey = "head";
export const roomKey = (id: RoomID): string => `room/${id}`;

export function readHead(value: unknown): CopiedHead | null {
  const h = value as Partial<CopiedHead> | undefined;
  return h?.v === copyVersion && h.user?.id && Array.isArray(h.rooms) ? (h as CopiedHead) : null;
}

export function readRoom(value: unknown, user: User["id"]): CopiedRoom | null {
  const r = value as Partial<CopiedRoom> | undefined;
  return r?.v === copyVersion && r.user === user && r.room?.id && Array.isArray(r.messages) ? (r as CopiedRoom) : null;
}

export function fromCopy(c: CopiedRoom): RoomState {
  const { rev, whole, more, messages } = c;
  return { ...fromRoom(c.room), rev, whole, more, messages, loaded: true, movedAt: rev };
}
