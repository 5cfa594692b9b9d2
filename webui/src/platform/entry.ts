// What the address says of how one came here: signed in by the company's portal or by an OpenID provider, refused by
// them, or sent by the desktop application, which wants to be signed in by this browser. Such an address is anybody's
// word: it signs nobody in.
import { signal } from "@preact/signals-core";
import { codes, type ErrorCode } from "../gen/protocol.ts";

export interface Asked {
  readonly challenge: string;
  readonly port: number;
  readonly state: string;
}

export interface Entry {
  readonly entered: boolean; // another person may be signed in now than other tabs believe
  readonly refused: ErrorCode | null;
  readonly asked: Asked | null;
  readonly vouched: boolean; // the desktop application is signed in
}

const names = ["entered", "refused", "vouch", "port", "state", "vouched"] as const;

export function entryOf(search: string): Entry {
  const q = new URLSearchParams(search);
  const refused = codes.find((c) => c === q.get("refused")) ?? null;
  const [challenge = "", state = "", port = 0] = [q.get("vouch") ?? "", q.get("state") ?? "", Number(q.get("port"))];
  const good = /^[\w-]{43}$/.test(challenge) && /^[\w-]{20,80}$/.test(state) && port >= 1024 && port <= 65535;
  return {
    entered: q.get("entered") === "1",
    refused,
    asked: good ? { challenge, port, state } : null,
    vouched: q.get("vouched") === "1",
  };
}

const nothing: Entry = { entered: false, refused: null, asked: null, vouched: false };
export const entry = signal<Entry>(nothing);

// takeEntry reads the address once and leaves the rest of it alone: nothing of it comes again with a reload.
export function takeEntry(): Entry {
  entry.value = entryOf(location.search);
  const rest = new URLSearchParams(location.search);
  for (const name of names) rest.delete(name);
  const search = rest.size > 0 ? `?${rest}` : "";
  if (search !== location.search) history.replaceState(history.state, "", location.pathname + search + location.hash);
  return entry.peek();
}
