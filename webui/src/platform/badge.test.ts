import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type * as Badge from "./badge.ts";

const icon = { href: "favicon.svg" };
const page = { title: "", querySelector: () => icon };
let titles: string[] = [];
let showBadge: typeof Badge.showBadge;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.resetModules();
  titles = [];
  icon.href = "favicon.svg";
  const watched = new Proxy(page, {
    set(to, key, value) {
      if (key === "title") titles.push(String(value));
      return Reflect.set(to, key, value);
    },
  });
  vi.stubGlobal("document", watched);
  ({ showBadge } = await import("./badge.ts"));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const drawn = (): string => decodeURIComponent(icon.href);

test("the unread number stands in the title and on the icon, and both are clear again when all is read", () => {
  showBadge(3);
  expect(page.title).toBe("(3) Sendjay");
  expect(drawn()).toContain(">3</text>");
  vi.advanceTimersByTime(250);
  showBadge(0);
  expect(page.title).toBe("Sendjay");
  expect(icon.href).toBe("favicon.svg");
});

test("a window of one room has its name; large numbers are cut off", () => {
  showBadge(1200, "모임");
  expect(page.title).toBe("(999+) 모임 - Sendjay");
  expect(drawn()).toContain(">99</text>");
});

test("a burst of messages changes them a few times a second, and the last number stays", () => {
  for (let i = 1; i <= 50; i++) {
    showBadge(i);
    vi.advanceTimersByTime(20);
  }
  vi.advanceTimersByTime(250);
  expect(titles.length).toBeLessThanOrEqual(6);
  expect(page.title).toBe("(50) Sendjay");
  expect(drawn()).toContain(">50</text>");
});
