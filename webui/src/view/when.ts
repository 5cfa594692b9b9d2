// Times as people say them: "14:20", "어제", "6월 12일". It knows the reader's language and time zone, not where the words stand.
import { computed, signal } from "@preact/signals";
import type { Instant } from "../gen/protocol.ts";
import { lang, say } from "../text/say.ts";

const formats = computed(() => {
  const tag = lang.value === "ko" ? "ko-KR" : "en-GB";
  const make = (o: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(tag, o);
  return {
    clock: make({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
    day: make({ month: "long", day: "numeric" }),
    date: make({ year: "numeric", month: lang.value === "ko" ? "numeric" : "short", day: "numeric" }),
    full: make({ year: "numeric", month: "long", day: "numeric", weekday: "long" }),
  };
});

// today is the start of the reader's day; rows that say "yesterday" redraw when it changes.
export const today = signal(startOfDay(new Date()));

function startOfDay(d: Date): number {
  return new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();
}

// watchToday keeps today right. A sleeping computer is late with its timers, so coming back counts too.
export function watchToday(): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const look = () => {
    today.value = startOfDay(new Date());
    clearTimeout(timer);
    const d = new Date(today.value);
    timer = setTimeout(look, new Date(d.getFullYear(), d.getMonth(), d.getDate() + 1).getTime() - Date.now() + 50);
  };
  look();
  document.addEventListener("visibilitychange", look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  };
}

export const clock = (at: Instant): string => formats.value.clock.format(new Date(at));
export const fullDay = (at: Instant): string => formats.value.full.format(new Date(at));

// short is the time in a list.
export function short(at: Instant): string {
  const d = new Date(at);
  const days = Math.round((today.value - startOfDay(d)) / 86_400_000);
  if (days <= 0) return formats.value.clock.format(d);
  if (days === 1) return say("view.yesterday");
  if (d.getFullYear() === new Date(today.value).getFullYear()) return formats.value.day.format(d);
  return formats.value.date.format(d);
}

const days = new WeakMap<object, number>();

// dayOf is the reader's day of something that happened at `at`, remembered per message.
export function dayOf(m: { readonly at: Instant }): number {
  let day = days.get(m);
  if (day === undefined) {
    day = startOfDay(new Date(m.at));
    days.set(m, day);
  }
  return day;
}
