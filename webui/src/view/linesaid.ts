// What a test of the way to the server found, in sentences.
import type { LineStep } from "../gen/protocol.ts";
import { lang, say } from "../text/say.ts";
import { sayWhy } from "./unreached.ts";

export function sayStep(s: LineStep): string {
  const date = new Intl.DateTimeFormat(lang.value === "ko" ? "ko-KR" : "en-GB", { dateStyle: "long" });
  const text = say(`view.line.said.${s.said}`, {
    host: s.host ?? "",
    addresses: s.addresses?.join(", ") ?? "",
    status: String(s.status ?? ""),
    offers: s.offers?.length ? s.offers.map(offered).join(", ") : say("view.line.none"),
    issuer: s.issuer || say("view.line.none"),
    until: s.until ? date.format(new Date(s.until)) : "",
    ms: s.millis ?? 0,
    seconds: s.seconds ?? 0,
  });
  return s.certificate ? `${text} ${sayWhy("certificate", s.certificate)}` : text;
}

// The ways to sign in at a proxy are written as their standards write them.
const offers: Readonly<Record<string, string>> = {
  basic: "Basic",
  digest: "Digest",
  negotiate: "Negotiate",
  ntlm: "NTLM",
};

function offered(name: string): string {
  return offers[name] ?? name;
}

// sayAll is the whole test as text, to be copied.
export function sayAll(steps: readonly LineStep[]): string {
  const marked = steps.map((s) => `[${say(`view.line.mark.${s.mark}`)}] ${sayStep(s)}`);
  return [say("view.line.title"), ...marked, ""].join("\n");
}
