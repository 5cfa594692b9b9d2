import { options } from "preact";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { inFrames } from "./frames.ts";

let frames: (() => void)[] = [];
let drawn = 0;
const draw = (): void => {
  drawn++;
};
// ask is what Preact does when something is to be drawn.
const ask = (): void => (options.debounceRendering ?? ((run) => run()))(draw);

beforeEach(() => {
  frames = [];
  drawn = 0;
  vi.useFakeTimers();
  vi.stubGlobal("document", { visibilityState: "visible" });
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => frames.push(run));
  vi.stubGlobal("cancelAnimationFrame", (n: number) => frames.splice(n - 1, 1));
});
afterEach(() => {
  vi.runAllTimers();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("what others cause is drawn once per frame, however much it is", () => {
  for (let i = 0; i < 5; i++) inFrames(ask);
  expect([frames.length, drawn]).toEqual([1, 0]);
  frames[0]?.();
  expect(drawn).toBe(1);
  inFrames(ask);
  expect(frames).toHaveLength(1);
});

test("what the person does is drawn at once", () => {
  inFrames(ask);
  ask();
  expect(drawn).toBe(1);
});

test("a page that is hidden before its frame comes is drawn all the same", () => {
  inFrames(ask);
  vi.advanceTimersByTime(99);
  expect(drawn).toBe(0);
  vi.advanceTimersByTime(1);
  expect([drawn, frames.length]).toEqual([1, 0]);
});

test("a page that nobody sees asks for no frame", () => {
  vi.stubGlobal("document", { visibilityState: "hidden" });
  inFrames(ask);
  expect(frames).toHaveLength(0);
  vi.runAllTimers();
  expect(drawn).toBe(1);
});

test("a fault in what is heard leaves the drawing as it was", () => {
  expect(() =>
    inFrames(() => {
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(options.debounceRendering).toBeUndefined();
});
