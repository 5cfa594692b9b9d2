// Resizer is the edge between list and conversation: drag it, or move it with the arrow keys.
import { useState } from "preact/hooks";
import { say } from "../text/say.ts";
import css from "./resizer.module.css";

const least = 300;
const most = 360;
const within = (w: number) => Math.round(Math.max(least, Math.min(most, w)));

export function Resizer({ width, onWidth }: { readonly width: number; readonly onWidth: (w: number) => void }) {
  const [from, setFrom] = useState<{ readonly x: number; readonly width: number } | null>(null);
  return (
    <div
      class={css.edge}
      role="separator"
      aria-orientation="vertical"
      aria-label={say("view.resize")}
      aria-valuenow={width}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      data-drag={from ? "" : undefined}
      onPointerDown={(e) => {
        e.currentTarget.setPointerCapture(e.pointerId);
        setFrom({ x: e.clientX, width });
      }}
      onPointerMove={(e) => {
        if (from) onWidth(within(from.width + e.clientX - from.x));
      }}
      onPointerUp={() => setFrom(null)}
      onPointerCancel={() => setFrom(null)}
      onDblClick={() => onWidth(320)}
      onKeyDown={(e) => {
        if (e.key === "ArrowLeft") onWidth(within(width - 10));
        if (e.key === "ArrowRight") onWidth(within(width + 10));
      }}
    />
  );
}
