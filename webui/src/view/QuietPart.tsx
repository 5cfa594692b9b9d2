// QuietPart lets a person choose the hours of the week without notifications.
import { useEffect, useState } from "preact/hooks";
import { type Holiday, type Holidays, limits, type QuietHours } from "../gen/protocol.ts";
import { dateOf, holidayDay } from "../rules/quiet.ts";
import type { App } from "../state/app.ts";
import { lang, say } from "../text/say.ts";
import { Button, IconButton } from "../ui/Controls.tsx";
import css from "./notify.module.css";

const week = [1, 2, 3, 4, 5, 6, 0, holidayDay] as const; // as calendars here begin
const fresh: QuietHours = { days: [1, 2, 3, 4, 5], from: "19:00", to: "08:00" };

interface QuietProps {
  readonly app: App;
  readonly hours: readonly QuietHours[];
  readonly change: (hours: readonly QuietHours[]) => void;
}

export function QuietPart({ app, hours, change }: QuietProps) {
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
      {hours.some((h) => h.days.includes(holidayDay)) && <Next app={app} />}
    </div>
  );
}

// Next says which holiday comes next, or that none was entered.
function Next({ app }: { readonly app: App }) {
  const [all, set] = useState<readonly Holiday[] | null>(null);
  useEffect(() => {
    void app.http.get<Holidays>("holidays").then((a) => a.data && set(a.data.holidays));
  }, [app]);
  if (!all) return null;
  const next = all.find((h) => h.date >= dateOf(new Date()));
  const on = (date: string) =>
    new Intl.DateTimeFormat(lang.value === "ko" ? "ko-KR" : "en-GB", {
      month: "long",
      day: "numeric",
      weekday: "short",
      timeZone: "UTC",
    }).format(new Date(`${date}T00:00:00Z`));
  return (
    <p class={css.about}>
      {next
        ? say("view.alerts.quiet.next", { name: next.name, date: on(next.date) })
        : say("view.alerts.quiet.noHoliday")}
    </p>
  );
}

// 4 January 1970 was a Sunday.
function dayName(day: number): string {
  if (day === holidayDay) return say("view.alerts.quiet.holiday");
  const at = new Date(1970, 0, 4 + day);
  return new Intl.DateTimeFormat(lang.value === "ko" ? "ko-KR" : "en-GB", { weekday: "short" }).format(at);
}
