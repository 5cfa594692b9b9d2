// useSearch asks the server for what was typed and pages on. An answer to something else than what stands in the box is dropped.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ErrorCode, Message, RoomName, TextContext } from "../gen/protocol.ts";
import type { App, SearchAsk } from "../state/app.ts";

export interface Results {
  readonly messages: readonly Message[];
  readonly contexts: readonly TextContext[];
  readonly rooms: ReadonlyMap<string, RoomName>;
  readonly count: number; // known of; more when `many`
  readonly many: boolean;
  readonly next: string;
}

const none: Results = { messages: [], contexts: [], rooms: new Map(), count: 0, many: false, next: "" };
const typing = 200; // ms after a letter
const size = 50;

// askable: two characters that stand together, or a person.
export const askable = (q: string, from: unknown): boolean =>
  from !== undefined || q.split(/\s+/).some((w) => [...w.normalize("NFC")].length >= 2);

export interface Searching {
  readonly results: Results | null; // null: nothing was asked
  readonly busy: boolean;
  readonly error: ErrorCode | null;
  more(): Promise<void>;
}

export function useSearch(app: App, ask: SearchAsk, before?: Results | null): Searching {
  const [results, setResults] = useState<Results | null>(before ?? null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorCode | null>(null);
  const turn = useRef(0);
  const now = useRef(results);
  now.current = results;
  const fresh = useRef(before === undefined || before === null);
  const key = JSON.stringify(ask);

  useEffect(() => {
    const mine = ++turn.current;
    if (!fresh.current) {
      fresh.current = true; // what was kept from before is still the answer
      return;
    }
    if (!askable(ask.q ?? "", ask.from)) {
      setResults(null);
      setBusy(false);
      setError(null);
      return;
    }
    setBusy(true);
    const timer = setTimeout(
      async () => {
        const page = await app.search({ ...ask, limit: size });
        if (mine !== turn.current) return;
        setBusy(false);
        setError(page.error?.code ?? null);
        if (page.data) setResults(joined(none, page.data));
      },
      ask.q ? typing : 0,
    );
    return () => clearTimeout(timer);
  }, [app, key]);

  const more = useCallback(async () => {
    const have = now.current;
    if (!have?.next || busy) return;
    const mine = turn.current;
    setBusy(true);
    const page = await app.search({ ...ask, limit: size, before: have.next });
    if (mine !== turn.current) return;
    setBusy(false);
    setError(page.error?.code ?? null);
    if (page.data) setResults(joined(have, page.data));
  }, [app, key, busy]);

  return { results, busy, error, more };
}

type Page = Extract<Awaited<ReturnType<App["search"]>>, { data: unknown }>["data"];

function joined(have: Results, page: Page): Results {
  const messages = [...have.messages, ...page.messages];
  const next = page.next ?? "";
  return {
    messages,
    contexts: [...have.contexts, ...page.contexts],
    rooms: new Map([...have.rooms, ...page.rooms.map((r) => [r.id, r] as const)]),
    count: Math.max(have.count, page.count ?? 0, messages.length),
    many:
      next !== "" && (have.many || page.countMore === true || (have.messages.length === 0 && page.count === undefined)),
    next,
  };
}
