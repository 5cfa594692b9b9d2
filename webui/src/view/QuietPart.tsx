// QuietPart lets a person choose the hours of the week without notifications.
import type { QuietHours } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import { lang, say } from "../text/say.ts";
import { Button, IconButton } from "../ui/Controls.tsx";
import css from "./notify.module.css";

const week = [1, 2, 3, 4, 5, 6, 0] as const; // as calendars here begin
const fresh: QuietHours = { days: [1, 2, 3, 4, 5], from: "19:00", to: "08:00" };

interface QuietProps {
  readonly hours: readonly QuietHours[];
  readonly change: (hours: readonly QuietHours[]) => void;
}

export function QuietPart({ hours, change }: QuietProps) {
  const put = (i: number, patch: Partial<QuietHours>) =>
    change(hours.map((h, k) => (k === i ? { ...h, ...patch } : h)));
  return (
    <div class={css.quiet}>
      <span class={css.label}>{say("view.alerts.quiet")}</span>
      {hours.map((h, i) => (
        <fieldset key={i} class={css.stretch}>
          <legend class={css.hidden}>{say("view.alerts.quiet.one", { from: h.from, to: h.to })}</legend>
          <span class={css.days}>
            {week.map((day) => (
              <label key={day}>
                <input
                  type="checkbox"
                  class={css.hidden}
                  checked={h.days.includes(day)}
                  onChange={(e) => {
                    const days = e.currentTarget.checked ? [...h.days, day].sort() : h.days.filter((d) => d !== day);
                    if (days.length > 0) put(i, { days });
                    else e.currentTarget.checked = true; // a stretch without a day is none: the cross takes it away
                  }}
                />
                <span>{dayName(day)}</span>
              </label>
            ))}
          </span>
          <span class={css.times}>
            <input
              type="time"
              value={h.from}
              aria-label={say("view.alerts.quiet.from")}
              onChange={(e) => e.currentTarget.value && put(i, { from: e.currentTarget.value })}
            />
            –
            <input
              type="time"
              value={h.to}
              aria-label={say("view.alerts.quiet.to")}
              onChange={(e) => e.currentTarget.value && put(i, { to: e.currentTarget.value })}
            />
            <IconButton
              icon="x"
              size={18}
              label={say("view.alerts.quiet.drop")}
              onClick={() => change(hours.filter((_, k) => k !== i))}
            />
          </span>
        </fieldset>
      ))}
      {hours.length < limits.quietHours && (
        <Button onClick={() => change([...hours, fresh])}>{say("view.alerts.quiet.add")}</Button>
      )}
      <p class={css.about}>{say("view.alerts.quiet.about")}</p>
    </div>
  );
}

// 4 January 1970 was a Sunday.
function dayName(day: number): string {
  const at = new Date(1970, 0, 4 + day);
  return new Intl.DateTimeFormat(lang.value === "ko" ? "ko-KR" : "en-GB", { weekday: "short" }).format(at);
}
