// Who is waited for; the server counts the same (server/store/lists.go).
import { expect, test } from "vitest";
import type { Member, Message } from "../gen/protocol.ts";
import { readersOf, unreadOf } from "./unread.ts";

const member = (id: string, read: number, more: Partial<Member> = {}): Member =>
  ({ id, name: id, read, from: 0, ...more }) as unknown as Member;

test("nobody waits for who has left, whose account is closed, or who came later", () => {
  const m = { id: "m", seq: 5, sender: "kim" } as unknown as Message;
  const members = [
    member("kim", 4),
    member("lee", 5),
    member("park", 2),
    member("late", 7, { from: 7 as Member["from"] }),
    member("left", 1, { left: true }),
    member("gone", 1, { gone: true }),
  ];
  expect(unreadOf(m, readersOf(members))).toBe(1);
  expect(unreadOf({ ...m, sender: "gone" } as unknown as Message, readersOf(members))).toBe(2);
});
