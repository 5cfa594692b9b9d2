// Quiet hours of the week: the same reading of them as shared/notify. It knows no clock.
import type { QuietHours } from "../gen/protocol.ts";

const minute = 60_000;
const week = 7 * 24 * 60;

function clockMinutes(text: string): number {
  const m = /^(\d\d):(\d\d)$/.exec(text);
  const at = m ? Number(m[1]) * 60 + Number(m[2]) : Number.NaN;
  return m && Number(m[1]) < 24 && Number(m[2]) < 60 ? at : Number.NaN;
}

// quietAt: day is 0 for Sunday, minutes count from its midnight.
export function quietAt(hours: readonly QuietHours[], day: number, minutes: number): boolean {
  return hours.some((h) => {
    const from = clockMinutes(h.from);
    const to = clockMinutes(h.to);
    if (Number.isNaN(from) || Number.isNaN(to)) return false;
    if (from < to) return from <= minutes && minutes < to && h.days.includes(day);
    return (minutes >= from && h.days.includes(day)) || (minutes < to && h.days.includes((day + 6) % 7));
  });
}

export function quietNow(hours: readonly QuietHours[], now: number): boolean {
  const t = new Date(now);
  return quietAt(hours, t.getDay(), t.getHours() * 60 + t.getMinutes());
}

// quietEnd returns when the quiet time ends in which now lies; 0 when it is not quiet, or never anything else.
export function quietEnd(hours: readonly QuietHours[], now: number): number {
  if (!quietNow(hours, now)) return 0;
  let t = now - (now % minute);
  for (let i = 0; i < week + 24 * 60; i++) {
    t += minute;
    if (!quietNow(hours, t)) return t;
  }
  return 0;
}
