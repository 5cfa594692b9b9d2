import { afterEach, expect, test } from "vitest";
import type { Instant } from "../gen/protocol.ts";
import { lang } from "../text/say.ts";
import { clock, short, today } from "./when.ts";

const local = (y: number, month: number, d: number, h = 14, min = 20): Instant =>
  new Date(y, month - 1, d, h, min).toISOString() as Instant;
const before = today.peek();

afterEach(() => {
  today.value = before;
  lang.value = "ko";
});

test("today is a time of the reader's clock, an earlier day a date, another year has its number", () => {
  today.value = new Date(2026, 10, 27).getTime();
  expect(clock(local(2026, 11, 27))).toBe("14:20");
  expect(short(local(2026, 11, 27, 0, 5))).toBe("00:05");
  expect(short(local(2026, 6, 12))).toBe("6월 12일");
  expect(short(local(2025, 12, 31))).toBe("2025. 12. 31.");
  lang.value = "en";
  expect(short(local(2026, 6, 12))).toBe("12 June");
  expect(short(local(2025, 12, 31))).toBe("31 Dec 2025");
});
