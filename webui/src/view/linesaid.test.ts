import { afterEach, expect, test } from "vitest";
import type { Instant, LineStep } from "../gen/protocol.ts";
import { lang } from "../text/say.ts";
import { sayAll, sayStep } from "./linesaid.ts";

afterEach(() => {
  lang.value = "ko";
});

const tls: LineStep = {
  said: "tls_refused",
  mark: "bad",
  issuer: "Example CA",
  until: "2027-01-02T00:00:00.000Z" as Instant,
};

test("what a test of the line found is said in both languages, without a hole", () => {
  const steps: readonly LineStep[] = [
    { said: "proxy", mark: "good", host: "proxy:3128" },
    { said: "name", mark: "good", host: "proxy", addresses: ["10.0.0.1", "fd00::1"] },
    { said: "wants_kind", mark: "bad", status: 407, offers: ["ntlm", "x-own"] },
    { said: "wants_name", mark: "bad", status: 407 },
    { ...tls, certificate: { kind: "date" } },
    { said: "server", mark: "good", host: "talk.example.com", millis: 1200 },
    { said: "clock_ahead", mark: "bad", seconds: 3600 },
    { said: "socket_untried", mark: "none" },
  ];
  for (const l of ["ko", "en"] as const) {
    lang.value = l;
    const all = sayAll(steps);
    expect(all.trim().split("\n")).toHaveLength(steps.length + 1);
    expect(all).not.toMatch(/view\.|[{}]|undefined/);
    for (const part of [
      "proxy:3128",
      "10.0.0.1, fd00::1",
      "407",
      "NTLM, x-own",
      "Example CA",
      "2027",
      "1,200",
      "3,600",
    ])
      expect(all).toContain(part);
  }
  expect(sayStep({ ...tls, certificate: { kind: "date" } }).length).toBeGreaterThan(sayStep(tls).length);
});
