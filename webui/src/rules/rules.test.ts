import { describe, expect, test } from "vitest";
import deliveryCases from "../../../shared/delivery/testdata/cases.json";
import notifyCases from "../../../shared/notify/testdata/cases.json";
import { lastLines, lines } from "../gen/notify.ts";
import { fateOf } from "./delivery.ts";
import { decide, factsOf, lastLook, type Situation, type Verdict } from "./notify.ts";

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
  };
  for (const c of notifyCases as unknown as Case[]) {
    test(`row ${c.row}: ${c.name}`, () => {
      c.devices.forEach((d, i) => {
        const s = { ...c, devices: c.devices.map((x, j) => ({ ...x, self: i === j })) };
        expect(decide(s)).toEqual(c.want[d.kind]);
        if (c.last?.[d.kind]) expect(lastLook(s)).toEqual(c.last[d.kind]);
      });
    });
  }

  test("the lines ask only for facts that are gathered", () => {
    const known = factsOf({ message: { type: "talk" }, room: { id: "r" as never }, mine: {}, devices: [] });
    for (const l of [...lines, ...lastLines])
      for (const f of [...l.if, ...l.unless]) expect(known.has(f), f).toBe(true);
  });
});
