// BubbleView is one line of the conversation with what stands above it: day, marker. What somebody said is Said's business.

import { say } from "../text/say.ts";
import css from "./bubble.module.css";
import { isSystem, type Line } from "./lines.ts";
import { Said } from "./Said.tsx";
import type { Talk } from "./talk.ts";
import { fullDay } from "./when.ts";
import { system } from "./words.ts";

export interface LineProps {
  readonly talk: Talk;
  readonly line: Line;
  readonly found: boolean; // this is what was looked for
  readonly stop: boolean; // the one line of the list that Tab reaches
  readonly onFocus: () => void;
}

export function BubbleView(p: LineProps) {
  const { line } = p;
  const m = line.bubble.message;
  return (
    <div class={line.last ? `${css.item} ${css.end}` : css.item} data-found={p.found || undefined}>
      {line.day && (
        <div class={css.day}>
          <span>{fullDay(m.at)}</span>
        </div>
      )}
      {line.marker && (
        <div class={css.marker} data-marker>
          <span>{say("view.room.marker")}</span>
        </div>
      )}
      {isSystem(m.type) ? (
        <p class={css.system} data-stop tabIndex={p.stop ? 0 : -1} onFocus={p.onFocus}>
          {system(m)}
        </p>
      ) : (
        <Said {...p} />
      )}
    </div>
  );
}
