import { afterEach, expect, test } from "vitest";
import { lang } from "../text/say.ts";
import { sayWhy, unreached } from "./unreached.ts";

afterEach(() => {
  lang.value = "ko";
});

test("a certificate's fault is said precisely, and names whoever issued it", () => {
  lang.value = "en";
  expect(sayWhy("certificate", { kind: "chain", issuer: "Example CA 3" })).toContain(
    "does not send the certificate of “Example CA 3”",
  );
  expect(sayWhy("certificate", { kind: "issuer", issuer: "Example CA 3" })).toContain("comes from “Example CA 3”");
  const plain = sayWhy("certificate");
  for (const fault of [{}, { kind: "issuer" }, { kind: "chain" }, { kind: "newer than this page" as never }] as const)
    expect(sayWhy("certificate", fault)).toBe(plain);
  const said = (["date", "name", "pinned"] as const).map((kind) => sayWhy("certificate", { kind }));
  expect(new Set([...said, plain]).size).toBe(4);
  expect(sayWhy("refused", { kind: "date" })).toBe(sayWhy("refused"));
  expect(
    unreached(
      { code: "unavailable", message: "", field: "certificate", certificate: { kind: "date" } },
      "view.server.silent",
    ),
  ).toBe(said[0]);
  lang.value = "ko";
  expect(sayWhy("certificate", { kind: "chain", issuer: "Example CA 3" })).toContain("Example CA 3");
  expect(unreached({ code: "unavailable", message: "", field: "url" }, "view.server.silent")).not.toContain("view.");
});
