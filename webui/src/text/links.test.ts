import fc from "fast-check";
import { expect, test } from "vitest";
import { links } from "./links.ts";

const found = (text: string): string[] => links(text).flatMap((p) => (p.href ? [p.href] : []));

test("a plain text is one part", () => {
  expect(links("안녕하세요")).toEqual([{ text: "안녕하세요" }]);
  expect(links("")).toEqual([{ text: "" }]);
});

test.each([
  ["https://a.example/12를 보세요", "https://a.example/12"],
  ["https://a.example/12에서 확인", "https://a.example/12"],
  ["(https://a.example/12)를 참고", "https://a.example/12"],
  ["https://a.example/12입니다.", "https://a.example/12"],
  ["see https://a.example/x?q=1&r=2#top.", "https://a.example/x?q=1&r=2#top"],
  ["(see https://a.example/a_(b))", "https://a.example/a_(b)"],
  ["https://ko.example/wiki/서울", "https://ko.example/wiki/서울"],
  ["https://ko.example/문서/회의록", "https://ko.example/문서/회의록"],
  ["“https://a.example”", "https://a.example"],
  ["HTTP://A.example:8080/", "HTTP://A.example:8080/"],
])("the sentence's own signs are cut off: %s", (text, want) => {
  expect(found(text)).toEqual([want]);
});

test("other schemes are no links", () => {
  expect(found("javascript:alert(1) data:text/html,x ftp://a http:// https://")).toEqual([]);
});

test("a sign that turns the direction of writing ends an address", () => {
  expect(found("https://a.example/\u202Egpj.exe")).toEqual(["https://a.example/"]);
});

test("the parts joined are the text", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.webUrl(), fc.constantFrom("를", "에서 ", " (", ")."))), (bits) => {
      const text = bits.join("");
      const parts = links(text);
      expect(parts.map((p) => p.text).join("")).toBe(text);
      for (const p of parts) if (p.href) expect(p.href).toMatch(/^https?:\/\/./i);
    }),
  );
});
