// Calendar is a month of a room: the days on which something was said can be chosen.
import { useEffect, useState } from "preact/hooks";
import type { Instant, RoomID, Seq } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { lang, say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import css from "./find.module.css";
import { fullDay, today } from "./when.ts";

interface Props {
  readonly app: App;
  readonly room: RoomID;
  readonly onDay: (seq: Seq) => void;
}

export function Calendar({ app, room, onDay }: Props) {
  const now = new Date(today.value);
  const [month, setMonth] = useState({ year: now.getFullYear(), month: now.getMonth() });
  const [seqs, setSeqs] = useState<readonly Seq[] | null>(null);
  const count = new Date(month.year, month.month + 1, 0).getDate();
  const start = (day: number) => new Date(month.year, month.month, day);
  const key = `${month.year}-${month.month}`;
  useEffect(() => {
    let wanted = true;
    setSeqs(null);
    const at = Array.from({ length: count + 1 }, (_, i) => start(i + 1).toISOString() as Instant);
    void app.places(room, at).then((s) => {
      if (wanted) setSeqs(s);
    });
    return () => {
      wanted = false;
    };
  }, [app, room, key]);

  const tag = lang.value === "ko" ? "ko-KR" : "en-GB";
  const title = new Intl.DateTimeFormat(tag, { year: "numeric", month: "long" }).format(start(1));
  const weekday = new Intl.DateTimeFormat(tag, { weekday: "narrow" });
  const go = (by: number) => {
    const d = new Date(month.year, month.month + by, 1);
    setMonth({ year: d.getFullYear(), month: d.getMonth() });
  };
  const last = month.year === now.getFullYear() && month.month === now.getMonth();
  const onKeyDown = (e: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[e.key];
    if (by === undefined || !(e.currentTarget instanceof HTMLElement)) return;
    const days = [...e.currentTarget.querySelectorAll<HTMLButtonElement>("button")];
    for (let i = days.indexOf(e.target as HTMLButtonElement) + by; i >= 0 && i < days.length; i += by) {
      if (days[i]?.disabled) continue;
      e.preventDefault();
      days[i]?.focus();
      return;
    }
  };
  return (
    <section class={css.calendar} aria-label={say("view.find.day")}>
      <div class={css.month}>
        <IconButton icon="arrow-left" size={18} label={say("view.find.monthBefore")} onClick={() => go(-1)} />
        <span aria-live="polite">{title}</span>
        <span class={last ? css.hidden : css.turned}>
          <IconButton icon="arrow-left" size={18} label={say("view.find.monthAfter")} onClick={() => go(1)} />
        </span>
      </div>
      <div class={css.week} aria-hidden="true">
        {[4, 5, 6, 7, 8, 9, 10].map((d) => (
          <span key={d}>{weekday.format(new Date(2026, 0, d))}</span>
        ))}
      </div>
      <div class={css.days} role="group" aria-label={title} onKeyDown={onKeyDown}>
        {Array.from({ length: count }, (_, i) => {
          const day = start(i + 1);
          const from = seqs?.[i];
          const till = seqs?.[i + 1];
          const said = from !== undefined && from !== 0 && from !== till;
          return (
            <button
              key={day.getTime()}
              type="button"
              disabled={!said}
              class={day.getTime() === today.value ? css.now : undefined}
              style={i === 0 ? { gridColumnStart: day.getDay() + 1 } : undefined}
              onClick={() => said && onDay(from)}
            >
              <span aria-hidden="true">{i + 1}</span>
              <span class="heard">{fullDay(day.toISOString() as Instant)}</span>
            </button>
          );
        })}
      </div>
    </section>
  );
}
