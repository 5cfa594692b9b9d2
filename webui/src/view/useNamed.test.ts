import { expect, test } from "vitest";
import type { Room, RoomID, User, UserID } from "../gen/protocol.ts";
import type { RoomRow } from "../state/app.ts";
import { besides, ranked } from "./useNamed.ts";

const row = (title: string, ...names: string[]): RoomRow => ({
  room: {
    id: title as RoomID,
    title,
    named: true,
    memberCount: names.length,
    members: names.map((name) => ({ id: name as UserID, name })),
  } as unknown as Room,
  draft: "",
  failed: 0,
});
const me = "김서연" as UserID;

test("who begins with what was typed comes before who only holds it, and that before a room he is merely in", () => {
  const list = [
    row("신제품 출시", "김서연", "이준호", "박지민"),
    row("김서연, 이준호, 박지민", "김서연", "이준호", "박지민"),
    row("이준호", "김서연", "이준호"),
    row("점심", "김서연", "이준호"),
    row("이준호 송별회", "김서연", "박지민"),
  ];
  const order = (q: string) => ranked(list, q).map((r) => r.room.title);
  const want = ["이준호", "이준호 송별회", "김서연, 이준호, 박지민", "신제품 출시", "점심"];
  expect(order("이준호")).toEqual(want);
  expect(order("ㅇㅈㅎ")).toEqual(want);
});

test("nobody is offered twice, as a room and as a person, and I am not offered at all", () => {
  const people = ["김서연", "이준호", "박지민"].map((name) => ({ id: name, name }) as unknown as User);
  const names = (...rows: RoomRow[]) => besides(people, rows, me).map((u) => u.name);
  expect(names(row("이준호", "김서연", "이준호"))).toEqual(["박지민"]);
  expect(names(row("셋", "김서연", "이준호", "박지민"))).toEqual(["이준호", "박지민"]);
});
