import { expect, test } from "vitest";
import { lang, learn, say } from "./say.ts";

test("a large number is grouped", () => {
  expect(say("admin.once.all.done", { n: 5000 })).toContain("5,000");
  expect(say("admin.once.all.done", { n: "0070" })).toContain("0070");
});

test("one of a thing is not many, and a hole without a value stays", () => {
  lang.value = "en";
  learn("en", { "admin.mark.devices": "{n} {n|device|devices} of {who}" });
  expect(say("admin.mark.devices", { n: 1, who: "kim" })).toBe("1 device of kim");
  expect(say("admin.mark.devices", { n: 0, who: "kim" })).toBe("0 devices of kim");
  expect(say("admin.mark.devices", { n: "1", who: "{n|a|b}" })).toBe("1 device of {n|a|b}");
  expect(say("admin.mark.devices", { n: 2 })).toBe("2 devices of {who}");
  lang.value = "ko";
});
