// useTall lets a box grow with its text to eight lines, then scroll. It returns what to call after the text changed.
import type { RefObject } from "preact";
import { useCallback, useEffect } from "preact/hooks";

const maxLines = 8;

export function useTall(box: RefObject<HTMLTextAreaElement | null>): () => void {
  const grow = useCallback(() => {
    const el = box.current;
    if (!el) return;
    el.style.height = "auto";
    const line = Number.parseFloat(getComputedStyle(el).lineHeight);
    const frame = el.offsetHeight - el.clientHeight + 18;
    const full = el.scrollHeight;
    el.style.height = `${Math.min(full, Math.round(line * maxLines + frame))}px`;
    el.style.overflowY = full > line * maxLines + frame + 1 ? "auto" : "hidden";
  }, [box]);

  // The lines break elsewhere when the width changes.
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    let width = el.clientWidth;
    const look = new ResizeObserver(() => {
      if (el.clientWidth === width) return;
      width = el.clientWidth;
      grow();
    });
    look.observe(el);
    grow();
    return () => look.disconnect();
  }, [box, grow]);
  return grow;
}
