import { expect, test } from "vitest";
import { holidaysOf } from "./ics.ts";

const file = (...events: string[]) =>
  ["BEGIN:VCALENDAR", "VERSION:2.0", ...events.map((e) => `BEGIN:VEVENT\n${e}\nEND:VEVENT`), "END:VCALENDAR", ""]
    .join("\n")
    .replaceAll("\n", "\r\n");

test("the whole days of a calendar file are holidays", () => {
  const got = holidaysOf(
    file(
      "DTSTART;VALUE=DATE:20260505\nDTEND;VALUE=DATE:20260506\nSUMMARY:어린이날\nDESCRIPTION:공휴일",
      "SUMMARY:설날 연휴\nDTSTART;VALUE=DATE:20260216\nDTEND;VALUE=DATE:20260219",
      "DTSTART;VALUE=DATE:20260301\nSUMMARY:3·1절\\, 대체\n  휴일",
      "DTSTART;VALUE=DATE:20260505\nSUMMARY:a second name",
    ),
    2026,
  );
  expect(got).toEqual({
    left: 0,
    holidays: [
      { date: "2026-02-16", name: "설날 연휴" },
      { date: "2026-02-17", name: "설날 연휴" },
      { date: "2026-02-18", name: "설날 연휴" },
      { date: "2026-03-01", name: "3·1절, 대체 휴일" },
      { date: "2026-05-05", name: "어린이날" },
    ],
  });
});

test("what comes back every year is written out for the next three", () => {
  const got = holidaysOf(
    file(
      "DTSTART;VALUE=DATE:20200229\nRRULE:FREQ=YEARLY\nSUMMARY:x",
      "DTSTART;VALUE=DATE:20201009\nRRULE:FREQ=YEARLY;INTERVAL=1\nSUMMARY:한글날",
    ),
    2026,
  );
  // The 29th of February is on none of them.
  expect(got.holidays.map((h) => h.date)).toEqual(["2026-10-09", "2027-10-09", "2028-02-29", "2028-10-09"]);
});

test("what is no holiday is left out and counted", () => {
  const got = holidaysOf(
    file(
      "DTSTART:20260505T090000Z\nSUMMARY:회의",
      "DTSTART;VALUE=DATE:20260405\nSUMMARY:식목일\nDESCRIPTION:기념일\\n보려면",
      "DTSTART;VALUE=DATE:20260214\nSUMMARY:Valentine\nDESCRIPTION:Observance\\nTo hide",
      "DTSTART;VALUE=DATE:20260230\nSUMMARY:no such day",
      "DTSTART;VALUE=DATE:20260501\nRRULE:FREQ=MONTHLY\nSUMMARY:each month",
      "DTSTART;VALUE=DATE:20260502",
      "BEGIN:VALARM\nDTSTART;VALUE=DATE:20260503\nSUMMARY:an alarm\nEND:VALARM\nDTSTART;VALUE=DATE:20260504\nSUMMARY:good",
    ),
    2026,
  );
  expect(got).toEqual({ left: 6, holidays: [{ date: "2026-05-04", name: "good" }] });
  for (const junk of ["", "BEGIN:VEVENT", "END:VEVENT\nBEGIN:VEVENT\nDTSTART", "<html></html>"])
    expect(holidaysOf(junk, 2026).holidays).toEqual([]);
});

test("a name fits, and one entry is no year long", () => {
  const got = holidaysOf(
    file(`DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20270101\nSUMMARY:${"휴".repeat(80)}`),
    2026,
  );
  expect(got.holidays).toHaveLength(31);
  expect([...(got.holidays[0]?.name ?? "")]).toHaveLength(50);
});
