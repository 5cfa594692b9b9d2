// How the person is connected: the page's own line, and behind it that of the tray.
import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { Link } from "../gen/protocol.ts";
import type { LinkView } from "./face.ts";

export function linkView(line: ReadonlySignal<LinkView>, tray: ReadonlySignal<Link | null>): ReadonlySignal<LinkView> {
  return computed<LinkView>(() => {
    const own = line.value;
    const t = tray.value;
    if (own.state !== "online" || !t) return own;
    return {
      state: t.state,
      since: own.since,
      ...(t.by ? { by: t.by } : {}),
      ...(t.why ? { why: t.why } : {}),
      ...(t.certificate ? { certificate: t.certificate } : {}),
      ...(t.plain ? { plain: t.plain } : {}),
    };
  });
}
