// Holidays out of a calendar file (iCalendar, RFC 5545), as public offices and calendar services publish them.
// It knows whole days and what comes back every year; other entries are counted and left out.
import type { Holiday } from "../../gen/protocol.ts";
import { limits } from "../../gen/protocol.ts";

export interface Read {
  readonly holidays: readonly Holiday[];
  readonly left: number; // entries that are no whole days, or mere days of remembrance
}

const years = 3; // for which what comes back every year is written out
const dayMs = 86_400_000;
const longest = 31; // days of one entry

interface Entry {
  start: string;
  end: string;
  name: string;
  about: string;
  rule: string;
}

// holidaysOf reads a file. Years are those from this one on for what comes back every year.
export function holidaysOf(file: string, thisYear: number): Read {
  const found = new Map<string, string>();
  let left = 0;
  for (const e of entries(file)) {
    const days = whole(e);
    const yearly = /^FREQ=YEARLY(;INTERVAL=1)?$/.test(e.rule);
    if (days.length === 0 || !e.name || (e.rule && !yearly) || /^(기념일|observance)/i.test(e.about)) {
      left++;
      continue;
    }
    const shifts = yearly ? Array.from({ length: years }, (_, i) => thisYear + i - Number(e.start.slice(0, 4))) : [0];
    for (const shift of shifts) {
      if (shift < 0) continue;
      for (const day of days) {
        const date = `${Number(day.slice(0, 4)) + shift}${day.slice(4)}`;
        if (isDate(date) && !found.has(date)) found.set(date, [...e.name].slice(0, limits.holidayRunes).join(""));
      }
    }
  }
  const holidays = [...found].map(([date, name]) => ({ date, name })).sort((a, b) => (a.date < b.date ? -1 : 1));
  return { holidays, left };
}

function entries(file: string): Entry[] {
  const out: Entry[] = [];
  let now: Entry | null = null;
  let inner = 0; // alarms and the like stand inside of an entry
  // A line that begins with white space goes on with the one before.
  for (const line of file.replace(/\r?\n[ \t]/g, "").split(/\r?\n/)) {
    const at = line.indexOf(":");
    const head = (at < 0 ? line : line.slice(0, at)).toUpperCase();
    const value = at < 0 ? "" : line.slice(at + 1).trim();
    const name = head.split(";")[0];
    if (name === "BEGIN" && value.toUpperCase() === "VEVENT")
      now = { start: "", end: "", name: "", about: "", rule: "" };
    else if (!now) continue;
    else if (name === "END" && value.toUpperCase() === "VEVENT") {
      out.push(now);
      now = null;
      inner = 0;
    } else if (name === "BEGIN") inner++;
    else if (name === "END") inner--;
    else if (inner > 0) continue;
    else if (name === "DTSTART") now.start = date(value);
    else if (name === "DTEND") now.end = date(value);
    else if (name === "SUMMARY") now.name = plain(value);
    else if (name === "DESCRIPTION") now.about = plain(value);
    else if (name === "RRULE") now.rule = value.toUpperCase();
  }
  return out;
}

// date reads a day without a time, "" for anything else.
function date(value: string): string {
  const m = /^(\d{4})(\d\d)(\d\d)$/.exec(value);
  const text = m ? `${m[1]}-${m[2]}-${m[3]}` : "";
  return isDate(text) ? text : "";
}

const isDate = (text: string): boolean => {
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
};

const plain = (value: string): string =>
  value
    .replace(/\\[nN]/g, " ")
    .replace(/\\([\\;,])/g, "$1")
    .trim();

// whole lists the days of an entry; its end is the day after the last.
function whole(e: Entry): string[] {
  if (!e.start) return [];
  const from = Date.parse(e.start);
  const to = e.end ? Date.parse(e.end) : from + dayMs;
  const days = Math.min(Math.max(1, Math.round((to - from) / dayMs)), longest);
  return Array.from({ length: days }, (_, i) => new Date(from + i * dayMs).toISOString().slice(0, 10));
}
