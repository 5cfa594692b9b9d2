// Drafts, outbox and settings in IndexedDB. What a closing page could not write in time waits in local
// storage, which is written at once, and is moved over at the next start.
import type { IDBPDatabase } from "idb";
import type { UserID } from "../gen/protocol.ts";
import type { Bucket, Keep } from "../state/parts.ts";

const buckets: readonly Bucket[] = ["drafts", "outbox", "settings"];
const journals = "sendjay.unwritten."; // one per page, so that none wipes the other's

type Writes = Record<string, { bucket: Bucket; key: string; value?: unknown }>;
type Told = { bucket: Bucket; key: string; value?: unknown };

export function browserKeep(marks: Storage, page: string, opened = openKeep(marks)): Keep {
  const journal = journals + page;
  let owner = "";
  const unwritten: Writes = {};
  const ears: ((bucket: Bucket, key: string, value: unknown) => void)[] = [];
  const others = new BroadcastChannel("sendjay-keep");
  let chain: Promise<unknown> = opened;

  // Drafts and outbox belong to a person, settings to the browser.
  const name = (bucket: Bucket, key: string): string => (bucket === "settings" ? key : `${owner}/${key}`);

  function write(bucket: Bucket, key: string, value: unknown): void {
    const full = name(bucket, key);
    const mark = `${bucket} ${full}`;
    const entry = value === undefined ? { bucket, key: full } : { bucket, key: full, value };
    unwritten[mark] = entry;
    others.postMessage(entry satisfies Told);
    // One after the other: a draft must not vanish before the message it became is stored.
    chain = chain.then(async () => {
      const db = await opened;
      if (unwritten[mark] !== entry) return; // overwritten meanwhile
      try {
        if (value === undefined) await db?.delete(bucket, full);
        else await db?.put(bucket, value, full);
      } catch {
        return; // stays in `unwritten`, and goes to the journal when the page goes
      }
      if (unwritten[mark] === entry) delete unwritten[mark];
      if (Object.keys(unwritten).length === 0) marks.removeItem(journal);
    });
  }

  others.onmessage = (e: MessageEvent<Told>) => {
    const { bucket, key, value } = e.data;
    const prefix = name(bucket, "");
    if (key.startsWith(prefix)) for (const ear of ears) ear(bucket, key.slice(prefix.length), value);
  };

  // This listener comes after the page's own, which hands over its last words.
  addEventListener("pagehide", () => {
    const left = Object.values(unwritten);
    try {
      if (left.length > 0) marks.setItem(journal, JSON.stringify(left));
    } catch {
      // No room there either.
    }
  });

  return {
    outbox: true,
    own(user: UserID) {
      owner = user;
    },
    async all(bucket) {
      const prefix = name(bucket, "");
      const out: Record<string, unknown> = {};
      await chain;
      try {
        const db = await opened;
        const [keys, values] = await Promise.all([db?.getAllKeys(bucket) ?? [], db?.getAll(bucket) ?? []]);
        keys.forEach((k, i) => {
          if (String(k).startsWith(prefix)) out[String(k).slice(prefix.length)] = values[i];
        });
      } catch {
        // As if empty.
      }
      return out;
    },
    put: write,
    drop: (bucket, key) => write(bucket, key, undefined),
    changed(ear) {
      ears.push(ear);
    },
  };
}

// openKeep opens the storage. What cannot be stored (a private window, a full disk) still works until the page is closed.
export async function openKeep(marks: Storage): Promise<IDBPDatabase | null> {
  try {
    const { openDB } = await import("idb");
    const db = await openDB("sendjay", 1, {
      upgrade(fresh) {
        for (const b of buckets) fresh.createObjectStore(b);
      },
    });
    const left = Object.keys(marks).filter((k) => k.startsWith(journals));
    for (const at of left) {
      for (const w of readJournal(marks.getItem(at))) {
        if (w.value === undefined) await db.delete(w.bucket, w.key);
        else await db.put(w.bucket, w.value, w.key);
      }
      marks.removeItem(at);
    }
    return db;
  } catch {
    return null;
  }
}

function readJournal(text: string | null): Writes[string][] {
  try {
    const list: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(list) ? list.filter((w) => buckets.includes(w?.bucket) && typeof w.key === "string") : [];
  } catch {
    return [];
  }
}
