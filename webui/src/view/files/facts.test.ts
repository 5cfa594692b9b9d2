import { expect, test } from "vitest";
import type { FileInfo, Instant } from "../../gen/protocol.ts";
import { boxOf, gone, isPicture, lengthOf, moves, sizeOf } from "./facts.ts";

const file = (kind: string, more: Partial<FileInfo> = {}): FileInfo =>
  ({ id: "f1", name: "x", kind, size: 1000, width: 40, height: 30, ...more }) as FileInfo;

test("a GIF stands in the conversation and moves, unless it is too heavy for one", () => {
  expect(isPicture(file("image/gif"))).toBe(true);
  expect(moves(file("image/gif"))).toBe(true);
  expect(moves(file("image/gif", { size: 12 * 1024 * 1024 + 1, thumb: true }))).toBe(false);
  // A WebP that moves has no still; one that rests has.
  expect([moves(file("image/webp")), moves(file("image/webp", { thumb: true }))]).toEqual([true, false]);
});
test("what is not a picture to a browser, or could not be read, is a card", () => {
  for (const kind of ["image/svg+xml", "image/heic", "text/html", "application/zip"])
    expect(isPicture(file(kind))).toBe(false);
  expect(isPicture(file("image/png", { width: 0 }))).toBe(false);
});
test("a box keeps the shape of its picture, and is never too small for a finger", () => {
  expect(boxOf(4000, 3000)).toEqual({ width: 300, height: 225 });
  expect(boxOf(16, 16)).toEqual({ width: 72, height: 48 });
  expect(boxOf(30_000, 10)).toEqual({ width: 300, height: 48 });
});
test("a file has expired at its hour", () => {
  const f = file("text/plain", { until: "2026-06-12T05:20:00.000Z" as Instant });
  const at = Date.parse("2026-06-12T05:20:00.000Z");
  expect([gone(f, at - 1), gone(f, at), gone({ ...f, gone: true }, 0), gone(file("text/plain"), at)]).toEqual([
    false,
    true,
    true,
    false,
  ]);
});
test("sizes and lengths are short", () => {
  expect([0, 1023, 1536, 10 * 1024 * 1024, 2 ** 31].map(sizeOf)).toEqual(["0 B", "1,023 B", "1.5 KB", "10 MB", "2 GB"]);
  expect([900, 61_000, 3_723_000].map(lengthOf)).toEqual(["0:01", "1:01", "1:02:03"]);
});
