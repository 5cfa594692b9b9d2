// The shelf keeps uploads over a reload, with their bytes while these are few. It does not know what they are for.
import { type IDBPDatabase, openDB } from "idb";
import type { Transfer } from "./transfers.ts";

const keptBytes = 256 * 1024 * 1024; // larger ones have to be chosen again

interface Kept {
  readonly id: string;
  readonly owner: string;
  readonly transfer: Transfer;
  readonly file?: Blob;
}

let opened: Promise<IDBPDatabase> | null = null;

function db(): Promise<IDBPDatabase> {
  opened ??= openDB("sendjay-uploads", 1, {
    upgrade: (d) => void d.createObjectStore("uploads", { keyPath: "id" }),
  });
  return opened;
}

export const shelf = {
  async all(owner: string): Promise<readonly Kept[]> {
    try {
      return ((await (await db()).getAll("uploads")) as Kept[]).filter((k) => k.owner === owner);
    } catch {
      return []; // no storage in this browser: nothing survives
    }
  },
  async put(owner: string, transfer: Transfer, file?: File): Promise<void> {
    try {
      // In one piece, or what was dropped meanwhile would come back.
      const uploads = (await db()).transaction("uploads", "readwrite").store;
      const bytes = file ?? ((await uploads.get(transfer.id)) as Kept | undefined)?.file;
      await uploads.put({
        id: transfer.id,
        owner,
        transfer,
        ...(bytes && bytes.size <= keptBytes ? { file: bytes } : {}),
      });
    } catch {
      // Full, or not allowed: the upload goes on, only a reload ends it.
    }
  },
  async drop(id: string): Promise<void> {
    try {
      await (await db()).delete("uploads", id);
    } catch {
      // As above.
    }
  },
};
