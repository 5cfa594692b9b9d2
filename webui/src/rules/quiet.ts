// Quiet hours of the week and on holidays: the same reading of them as shared/notify. It knows no clock.
import type { Holiday, QuietHours } from "../gen/protocol.ts";

const minute = 60_000;
const dayMinutes = 24 * 60;
export const holidayDay = 7; // stands among the days of a stretch for the company's holidays

export interface Calendar {
  readonly hours: readonly QuietHours[];
  readonly holidays: readonly Holiday[];
}

interface Day {
  readonly week: number; // 0 for Sunday
  readonly holiday: boolean;
}

function clockMinutes(text: string): number {
  const m = /^(\d\d):(\d\d)$/.exec(text);
  const at = m ? Number(m[1]) * 60 + Number(m[2]) : Number.NaN;
  return m && Number(m[1]) < 24 && Number(m[2]) < 60 ? at : Number.NaN;
}

export function dateOf(t: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `${t.getFullYear()}-${two(t.getMonth() + 1)}-${two(t.getDate())}`;
}

function dayOf(c: Calendar, t: Date): Day {
  const date = dateOf(t);
  return { week: t.getDay(), holiday: c.holidays.some((h) => h.date === date) };
}

const before = (t: Date): Date => new Date(t.getFullYear(), t.getMonth(), t.getDate() - 1, 12);

const among = (d: Day, days: readonly number[]): boolean =>
  days.includes(d.week) || (d.holiday && days.includes(holidayDay));

// A stretch whose end is not after its beginning goes on into the next day.
function covers(c: Calendar, yesterday: Day, today: Day, minutes: number): boolean {
  return c.hours.some((h) => {
    const from = clockMinutes(h.from);
    const to = clockMinutes(h.to);
    if (Number.isNaN(from) || Number.isNaN(to)) return false;
    if (from < to) return from <= minutes && minutes < to && among(today, h.days);
    return (minutes >= from && among(today, h.days)) || (minutes < to && among(yesterday, h.days));
  });
}

export function quietNow(c: Calendar, now: number): boolean {
  const t = new Date(now);
  return c.hours.length > 0 && covers(c, dayOf(c, before(t)), dayOf(c, t), t.getHours() * 60 + t.getMinutes());
}

// quietEnd returns when the quiet time ends in which now lies; 0 when it is not quiet, or not anything else within a
// week and as many days as there are holidays.
export function quietEnd(c: Calendar, now: number): number {
  if (!quietNow(c, now)) return 0;
  let t = new Date(now - (now % minute));
  let yesterday = dayOf(c, before(t));
  let today = dayOf(c, t);
  for (let i = 0; i < (8 + c.holidays.length) * dayMinutes; i++) {
    const next = new Date(t.getTime() + minute);
    if (next.getDate() !== t.getDate()) {
      yesterday = today;
      today = dayOf(c, next);
    }
    t = next;
    if (!covers(c, yesterday, today, t.getHours() * 60 + t.getMinutes())) return t.getTime();
  }
  return 0;
}
