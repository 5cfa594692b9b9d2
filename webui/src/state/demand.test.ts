import { expect, test } from "vitest";
import type { Fault } from "../gen/protocol.ts";
import { demanding } from "./demand.ts";
import type { Http } from "./parts.ts";

test("whoever is here when a second factor is demanded is led to it, and by no other refusal", async () => {
  let told = 0;
  const answers = (error: Fault): Http => {
    const answer = async () => ({ error });
    return { get: answer, post: answer, put: answer, send: answer, drop: answer };
  };
  const refused = (error: Fault) => demanding(answers(error), () => told++);
  await refused({ code: "forbidden", message: "" }).get("admin/audit");
  await refused({ code: "conflict", message: "", field: "factor" }).put("admin/policy", {});
  expect(told).toBe(0);
  expect(await refused({ code: "forbidden", message: "", field: "factor" }).get("rooms")).toEqual({
    error: { code: "forbidden", message: "", field: "factor" },
  });
  expect(told).toBe(1);
});
