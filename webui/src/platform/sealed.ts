// The local copy behind a tray: the web engine writes it to the disk as it gets it, so it gets it sealed, with a key
// that the tray keeps where it keeps its own. What lies there open, or under another key, counts as not there.
import type { Copy } from "../state/parts.ts";

const nonceBytes = 12;

export function sealedCopy(inner: Copy, key: string): Copy {
  const raw = Uint8Array.from(atob(key), (c) => c.charCodeAt(0));
  const opened = crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  // What is written later stands later; nothing here ever fails.
  let chain: Promise<unknown> = Promise.resolve();
  const then = (run: () => unknown): void => {
    chain = chain.then(run).catch(() => {});
  };
  const seal = async (value: unknown): Promise<Uint8Array> => {
    const iv = crypto.getRandomValues(new Uint8Array(nonceBytes));
    const plain = new TextEncoder().encode(JSON.stringify(value));
    const body = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await opened, plain));
    const all = new Uint8Array(nonceBytes + body.length);
    all.set(iv);
    all.set(body, nonceBytes);
    return all;
  };
  let strange = false;
  const open = async (value: unknown): Promise<unknown> => {
    if (value === undefined) return undefined;
    try {
      const all = value as Uint8Array<ArrayBuffer>;
      if (!(value instanceof Uint8Array)) throw new TypeError("open");
      const iv = all.subarray(0, nonceBytes);
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, await opened, all.subarray(nonceBytes));
      return JSON.parse(new TextDecoder().decode(plain)) as unknown;
    } catch {
      // It shall not stay there either.
      if (!strange) then(() => inner.wipe());
      strange = true;
      return undefined;
    }
  };
  return {
    async read(keys) {
      return Promise.all((await inner.read(keys)).map(open));
    },
    async all() {
      const values = await Promise.all((await inner.all()).map(open));
      return values.filter((v) => v !== undefined);
    },
    write(put, drop) {
      const sealed = Promise.all(Object.entries(put).map(async ([k, v]) => [k, await seal(v)] as const));
      then(async () => inner.write(Object.fromEntries(await sealed), drop));
    },
    wipe() {
      then(() => inner.wipe());
    },
  };
}
