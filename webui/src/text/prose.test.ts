import fc from "fast-check";
import { expect, test } from "vitest";
import type { UserID } from "../gen/protocol.ts";
import { asked, everybody, mentionsIn } from "./mentions.ts";
import { prose } from "./prose.ts";

const kim = { id: "kim" as UserID, name: "김민수" };
const jin = { id: "jin" as UserID, name: "김민수진" };
const dan = { id: "dan" as UserID, name: "Dan" };
const people = [kim, jin, dan];
const found = (text: string) => mentionsIn(text, people).map((p) => `${text.slice(p.from, p.to)}=${p.id}`);

test("a name after @ speaks to that person, also with a particle behind it", () => {
  expect(found("@김민수님 안녕하세요 @김민수진이 @모두")).toEqual([
    "@김민수=kim",
    "@김민수진=jin",
    `@모두=${everybody}`,
  ]);
  expect(found("@Dan, see @everyone")).toEqual(["@Dan=dan", `@everyone=${everybody}`]);
});

test("addresses and longer words are nobody", () => {
  expect(found("a@Dan @Daniel x@김민수 @@Dan @없는사람")).toEqual([]);
});

test("of two people with one name the picked one is meant", () => {
  const two = { id: "kim2" as UserID, name: "김민수" };
  expect(mentionsIn("@김민수", [kim, two], new Map([["김민수", two.id]]))[0]?.id).toBe("kim2");
});

test("what is typed after @ is asked for, also in the middle of a composition", () => {
  expect(asked("안녕 @기", 5)).toEqual({ q: "기", at: 3 });
  expect(asked("@", 1)).toEqual({ q: "", at: 0 });
  expect(asked("@남궁 민", 5)).toEqual({ q: "남궁 민", at: 0 });
  for (const [text, caret] of [
    ["a@b", 3],
    ["@a\nb", 4],
    ["@ a", 3],
    ["없음", 2],
  ] as const) {
    expect(asked(text, caret)).toBeNull();
  }
});

test("code between fences stays as it is: no links, no people in it", () => {
  expect(prose('보세요\n```go\nx := "https://a.example" // @김민수\n```\n@김민수 끝', [kim])).toEqual([
    { kind: "text", text: "보세요" },
    { kind: "code", text: 'x := "https://a.example" // @김민수' },
    { kind: "mention", text: "@김민수", id: "kim" },
    { kind: "text", text: " 끝" },
  ]);
  expect(prose("``` ```", [])).toEqual([{ kind: "text", text: "``` ```" }]);
});

test("only those are shown as spoken to whom the message names", () => {
  expect(prose("@김민수 @Dan", [dan]).filter((b) => b.kind === "mention")).toEqual([
    { kind: "mention", text: "@Dan", id: "dan" },
  ]);
});

test("no sign of a text is lost, whatever it holds, and no other scheme becomes a link", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.webUrl(), fc.constantFrom("@김민수", "```", "\n", "‮", "javascript:alert(1)"))),
      (bits) => {
        const text = bits.join("");
        const parts = prose(text, [kim]);
        // Fences, with the language behind the first, and line ends beside them are signs that are not shown.
        const bare = text.replace(/```(?:[\w+#.-]{1,20}\n)?([\s\S]+?)```/g, (all, code: string) =>
          code.trim() === "" ? all : code,
        );
        const flat = (s: string) => s.replaceAll("\n", "");
        expect(flat(parts.map((p) => p.text).join(""))).toBe(flat(bare));
        for (const p of parts) if (p.kind === "link") expect(p.href).toMatch(/^https?:\/\//i);
      },
    ),
  );
});
