import { afterEach, expect, test } from "vitest";
import { lang } from "../../text/say.ts";
import { details } from "./acts.ts";

afterEach(() => {
  lang.value = "ko";
});

test("what was written down of an act is read in the reader's words", () => {
  const plan = {
    units: 261,
    join: 0,
    leave: 1000,
    leaving: [
      { id: "kim", name: "김서연" },
      { id: "lee", name: "이준호" },
    ],
    guarded: true,
  };
  expect(details(JSON.stringify(plan))).toBe(
    "부서: 261 · 퇴사: 1,000 · 나간 사람: 김서연 (kim), 이준호 (lee) · 많아도 적용: 예",
  );
  expect(details(JSON.stringify({ at: "t", plan: { join: 3 } }))).toBe("시각: t · 결과: (입사: 3)");
  expect(details('{"active":false}')).toBe("사용: 아니요");
  expect(details('{"odd":"x"}')).toBe("odd: x");
  expect(details("{broken")).toBe("{broken");
  expect(details("18시 점검")).toBe("18시 점검");
});
