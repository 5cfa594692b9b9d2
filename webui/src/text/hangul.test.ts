import { expect, test } from "vitest";
import { finds, starts } from "./hangul.ts";

test.each([
  ["김민수", "ㄱㅁㅅ"],
  ["김민수", "ㄱ"],
  ["김민수", "ㅁㅅ"],
  ["김민수", "기"],
  ["김민수", "김"],
  ["김민수", "김ㅁ"],
  ["김민수", "김미"],
  ["김민수", "김민"],
  ["김민수", "김민ㅅ"],
  ["김민수", "민수"],
  ["이소라", "이솔"],
  ["박준호", "ㅂㅈㅎ"],
  ["백상현", "ㅄㅎ"],
  ["남궁 민경", "남궁민"],
  ["Daniel Park", "dan"],
  ["Daniel Park", "park"],
  ["김닭", "김달"],
])("%s is found by %s", (name, q) => {
  expect(finds(name, q)).toBe(true);
});

test("what is not in the name does not find it", () => {
  for (const q of ["ㄴ", "김수", "ㅅㅁ", "길", "김민숙", "김믹", "x"]) expect(finds("김민수", q)).toBe(false);
  expect(finds("김민수", "")).toBe(true);
  expect(starts("김민수", "민")).toBe(false);
  expect(starts("김민수", "ㄱㅁ")).toBe(true);
});
