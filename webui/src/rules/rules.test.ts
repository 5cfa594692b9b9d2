import { describe, expect, test } from "vitest";
import deliveryCases from "../../../shared/delivery/testdata/cases.json";
import apartCases from "../../../shared/notify/testdata/apart.json";
import notifyCases from "../../../shared/notify/testdata/cases.json";
import keptCases from "../../../shared/notify/testdata/kept.json";
import missedCases from "../../../shared/notify/testdata/missed.json";
import quietCases from "../../../shared/notify/testdata/quiet.json";
import saidCases from "../../../shared/notify/testdata/said.json";
import toldCases from "../../../shared/notify/testdata/told.json";
import { lastLines, lines, sumLines } from "../gen/notify.ts";
import type { Seq } from "../gen/protocol.ts";
import { fateOf } from "./delivery.ts";
import { afterBreak, apart, type Kept, loud, type Missed, summarize, wordingOf } from "./missed.ts";
import { decide, factsOf, lastLook, type Situation, sum, told, type Verdict } from "./notify.ts";
import { quietEnd, quietNow } from "./quiet.ts";

describe("delivery", () => {
  for (const c of deliveryCases) {
    test(`${c.op} ${c.type} meets its fate`, () => expect(fateOf(c.op, c.type)).toEqual(c.rule));
  }
});

describe("notify", () => {
  type Case = Situation & {
    row: number;
    name: string;
    want: Record<string, Verdict>;
    last?: Record<string, Verdict>;
    sum?: Record<string, Verdict>;
  };
  for (const c of notifyCases as unknown as Case[]) {
    test(`row ${c.row}: ${c.name}`, () => {
      c.devices.forEach((d, i) => {
        const s = { ...c, devices: c.devices.map((x, j) => ({ ...x, self: i === j })) };
        expect(decide(s)).toEqual(c.want[d.kind]);
        if (c.last?.[d.kind]) expect(lastLook(s)).toEqual(c.last[d.kind]);
        if (c.sum?.[d.kind]) expect(sum(s)).toEqual(c.sum[d.kind]);
      });
    });
  }

  test("the lines ask only for facts that are gathered", () => {
    const known = factsOf({ message: { type: "talk" }, room: { id: "r" as never }, mine: {}, devices: [] });
    for (const l of [...lines, ...lastLines, ...sumLines])
      for (const f of [...l.if, ...l.unless]) expect(known.has(f), f).toBe(true);
  });

  for (const c of quietCases as {
    name: string;
    hours: [];
    holidays?: [];
    checks: { at: string; quiet: boolean; end?: string }[];
  }[]) {
    test(`quiet hours: ${c.name}`, () => {
      const calendar = { hours: c.hours, holidays: c.holidays ?? [] };
      for (const k of c.checks) {
        const at = new Date(k.at).getTime();
        expect(quietNow(calendar, at), k.at).toBe(k.quiet);
        expect(quietEnd(calendar, at), k.at).toBe(k.end ? new Date(k.end).getTime() : 0);
      }
    });
  }

  for (const c of missedCases) {
    test(`row ${c.row}: ${c.name}`, () =>
      expect(afterBreak(c.kind as "web", c.awayMs, c.missed as unknown as Missed[])).toEqual(c.want));
  }

  for (const c of apartCases) {
    test(`considered one by one: ${c.name}`, () =>
      expect(apart(c.missed as unknown as Missed, c.last as Seq)).toEqual(c.want ?? []));
  }

  for (const c of keptCases) {
    test(`kept back: ${c.name}`, () => expect(summarize(c.kept as Kept[])).toEqual(c.want));
  }

  for (const c of toldCases) {
    test(`${c.decided.join(", ") || "nothing decided"}: ${c.told ? "told" : "not told"}`, () =>
      expect(told(c.decided.map((then) => ({ then })))).toBe(c.told));
  }

  for (const c of saidCases.sounds) {
    test(`row ${c.row}: ${c.name}`, () => {
      let last = 0;
      c.atMs.forEach((at, i) => {
        const sounds = loud(i > 0, at - last);
        expect(sounds).toBe(c.loud[i]);
        if (sounds) last = at;
      });
    });
  }

  for (const c of saidCases.wordings) {
    test(`wording: ${c.name}`, () =>
      expect(wordingOf(c.hideBody, c.hideSender)).toMatchObject({ title: c.title, body: c.body }));
  }
});
