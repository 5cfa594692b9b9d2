import { expect, test } from "vitest";
import { hue, initials } from "./Avatar.tsx";

test("a Korean name is called by its given name, any other by its first letters", () => {
  expect(["김민수", "남궁민경", "이산", "Daniel Park", "emma", "박 팀장", ""].map(initials)).toEqual([
    "민수",
    "민경",
    "이산",
    "DP",
    "E",
    "박",
    "?",
  ]);
});
test("the colour depends on the id alone", () => {
  expect(hue("kim")).toBe(hue("kim"));
  expect(new Set(["kim", "lee", "park", "choi", "jung", "kang"].map(hue)).size).toBeGreaterThan(2);
});
