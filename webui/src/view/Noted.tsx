// Noted is a short word on what has happened; it goes by itself.
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { noted } from "./place.ts";
import css from "./talkbars.module.css";

const stays = 2600; // ms

export function Noted() {
  const n = noted.value;
  const ref = useRef<HTMLDivElement>(null);
  // Each word comes above whatever has been opened by now: a dialog, too, may have something to say.
  useLayoutEffect(() => {
    const el = ref.current;
    if (!el?.showPopover) return;
    if (el.matches(":popover-open")) el.hidePopover();
    el.showPopover();
  }, [n]);
  useEffect(() => {
    if (!n) return;
    const t = setTimeout(() => {
      noted.value = null;
    }, stays);
    return () => clearTimeout(t);
  }, [n]);
  return (
    <div ref={ref} popover="manual" class={css.noted} role="status" aria-live="polite" data-noted>
      {n && <span key={n.turn}>{n.text}</span>}
    </div>
  );
}
