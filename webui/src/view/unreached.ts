// Why the server is out of reach, in a sentence, where the tray knows.
import type { CertificateFault, Fault, LinkWhy } from "../gen/protocol.ts";
import type { Key } from "../text/say.ts";
import { say } from "../text/say.ts";

const whys: readonly LinkWhy[] = [
  "name",
  "refused",
  "certificate",
  "proxy",
  "proxy_ticket",
  "proxy_kind",
  "moved",
  "blocked",
];

export function unreached(fault: Fault, otherwise: Key): string {
  const why = whys.find((w) => w === fault.field);
  return why ? sayWhy(why, fault.certificate) : say(otherwise);
}

// sayWhy is precise about certificates: an administrator who is told which one is missing can add it.
export function sayWhy(why: LinkWhy, certificate?: CertificateFault): string {
  if (why !== "certificate") return say(`view.link.why.${why}`);
  switch (certificate?.kind) {
    case "issuer":
    case "chain":
      if (certificate.issuer) return say(`view.link.cert.${certificate.kind}`, { issuer: certificate.issuer });
      return say("view.link.why.certificate");
    case "date":
    case "name":
    case "pinned":
      return say(`view.link.cert.${certificate.kind}`);
    default:
      return say("view.link.why.certificate");
  }
}
