// useReturn gives the keyboard back: what closes while it holds the focus leaves it to whoever had it before, and else to
// the box people write in. It knows elements, not what closes.
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

export function useReturn(part: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    return () => {
      if (!part.current?.contains(document.activeElement)) return;
      // It is still there; with it the focus goes.
      queueMicrotask(() => {
        if (document.activeElement && document.activeElement !== document.body) return; // somebody has taken it
        const to = before?.isConnected && before !== document.body ? before : box();
        to?.focus({ preventScroll: true });
      });
    };
  }, [part]);
}

// On a touch screen the box would raise the keyboard on the glass.
function box(): HTMLElement | null {
  return matchMedia("(hover: hover)").matches ? document.querySelector("textarea") : null;
}
