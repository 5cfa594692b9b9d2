// What this browser decided about messages, in a database of its own that is opened with the first of them.
import type { IDBPDatabase } from "idb";
import type { Decided, UserID } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { Verdicts } from "../state/parts.ts";

const life = 14 * 24 * 3_600_000;

export function browserVerdicts(): Verdicts {
  let owner = "" as UserID | "";
  let opened: Promise<IDBPDatabase | null> | undefined;
  let chain: Promise<unknown> = Promise.resolve();
  const key = (room: string, seq: number): string => `${owner}/${room}/${seq}`;
  const db = (): Promise<IDBPDatabase | null> => {
    opened ??= open();
    return opened;
  };
  const read = async (at: string): Promise<readonly Decided[]> => {
    try {
      return ((await (await db())?.get("verdicts", at)) as readonly Decided[] | undefined) ?? [];
    } catch {
      return [];
    }
  };
  return {
    own(user) {
      owner = user;
    },
    add(room, seq, decided) {
      const at = key(room, seq);
      chain = chain.then(async () => {
        const { store } = (await db())?.transaction("verdicts", "readwrite") ?? {};
        const had: readonly Decided[] = (await store?.get(at)) ?? [];
        const last = had.at(-1);
        if ((last?.why === decided.why && last.then === decided.then) || had.length >= limits.verdicts) return;
        await store?.put([...had, decided], at);
      });
      // What cannot be kept (a private window, a full disk) is not known later, and nothing else.
      chain = chain.catch(() => {});
    },
    async get(room, seq) {
      await chain;
      return read(key(room, seq));
    },
  };
}

async function open(): Promise<IDBPDatabase | null> {
  try {
    const { openDB } = await import("idb");
    const db = await openDB("sendjay-why", 1, {
      upgrade(fresh) {
        fresh.createObjectStore("verdicts");
      },
    });
    const old = new Date(Date.now() - life).toISOString();
    let at = await db.transaction("verdicts", "readwrite").store.openCursor();
    while (at) {
      const last = (at.value as readonly Decided[]).at(-1);
      if (!last || last.at < old) await at.delete();
      at = await at.continue();
    }
    return db;
  } catch {
    return null;
  }
}
