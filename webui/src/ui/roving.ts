// Roving focus: one stop for Tab, the arrow keys move inside. It knows positions, not what stands there.
import { composing, type KeyLike } from "./keys.ts";

// step returns the position an arrow key leads to, or null when the key is not for the list.
export function step(e: KeyLike, at: number, count: number, page = 10): number | null {
  if (count === 0 || composing(e) || e.altKey || e.ctrlKey || e.metaKey) return null;
  const last = count - 1;
  switch (e.key) {
    case "ArrowDown":
      return Math.min(last, at + 1);
    case "ArrowUp":
      return Math.max(0, at - 1);
    case "PageDown":
      return Math.min(last, at + page);
    case "PageUp":
      return Math.max(0, at - page);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return null;
  }
}

// around is step for menus: it goes round and knows no pages.
export function around(e: KeyLike, at: number, count: number): number | null {
  if (e.key === "ArrowDown" && at === count - 1) return 0;
  if (e.key === "ArrowUp" && at <= 0) return count - 1;
  return step(e, at, count);
}
