// The local copy in IndexedDB, in a database of its own: whatever becomes of it, drafts and outbox stay. Where it
// cannot be had (a private window, a full disk, a file that is broken) there is none, and nobody is told.
import type { IDBPDatabase } from "idb";
import type { Copy } from "../state/parts.ts";

const name = "sendjay-copy";
const store = "copy";
// The page does not wait longer than this for its storage: the network is faster then.
const patience = 250;

// It is opened at once, and what lies under first is read before anybody asks: it is the first thing the page shows.
export function browserCopy(first: string): Copy {
  let db: Promise<IDBPDatabase | null> | null = null;
  const open = (): Promise<IDBPDatabase | null> => {
    db ??= import("idb")
      .then(({ openDB }) =>
        openDB(name, 1, {
          upgrade(fresh) {
            for (const old of [...fresh.objectStoreNames]) fresh.deleteObjectStore(old);
            fresh.createObjectStore(store);
          },
          blocking(_now, _next, e) {
            (e.target as IDBDatabase | null)?.close();
            db = null;
          },
          terminated() {
            db = null;
          },
        }),
      )
      .catch(() => null);
    return db;
  };
  const quietly = async <T>(run: (db: IDBPDatabase) => Promise<T>): Promise<T | undefined> => {
    try {
      const it = await open();
      return it ? await run(it) : undefined;
    } catch {
      return undefined;
    }
  };
  const get = (key: string) => quietly((d) => d.get(store, key) as Promise<unknown>);
  let early: Promise<unknown> | null = get(first);
  return {
    read(keys) {
      const ahead = early;
      early = null; // what is written from now on is newer
      const read = Promise.all(keys.map((k) => (k === first && ahead ? ahead : get(k))));
      const late = new Promise<undefined>((done) => setTimeout(done, patience));
      return Promise.race([read, late]).then((values) => values ?? []);
    },
    async all() {
      return (await quietly((d) => d.getAll(store) as Promise<unknown[]>)) ?? [];
    },
    write(put, drop) {
      void quietly(async (d) => {
        const tx = d.transaction(store, "readwrite");
        for (const [key, value] of Object.entries(put)) void tx.store.put(value, key);
        for (const key of drop) void tx.store.delete(key);
        await tx.done;
      });
    },
    wipe() {
      void quietly((d) => d.clear(store));
    },
  };
}
