// Noted is a short word on what has happened; it goes by itself.
import { useEffect } from "preact/hooks";
import { noted } from "./place.ts";
import css from "./talkbars.module.css";

const stays = 2600; // ms

export function Noted() {
  const n = noted.value;
  useEffect(() => {
    if (!n) return;
    const t = setTimeout(() => {
      noted.value = null;
    }, stays);
    return () => clearTimeout(t);
  }, [n]);
  return (
    <div class={css.noted} role="status" aria-live="polite" data-noted>
      {n && <span key={n.turn}>{n.text}</span>}
    </div>
  );
}
