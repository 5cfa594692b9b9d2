// Drafts, outbox and settings behind a tray: it keeps them, we ask over loopback. The outbox it writes
// itself; we read it and delete from it.
import type { Bucket, Keep } from "../state/parts.ts";
import { ask } from "./edge.ts";

const base = "edge/v1/keep/";

export function edgeKeep(fetcher: typeof fetch, settings: Readonly<Record<string, unknown>>): Keep {
  let chain: Promise<unknown> = Promise.resolve();
  let first: Readonly<Record<string, unknown>> | null = settings;

  function send(bucket: Bucket, key: string, value: unknown): void {
    const body = value === undefined ? undefined : JSON.stringify(value);
    const init: RequestInit = {
      method: body === undefined ? "DELETE" : "PUT",
      keepalive: true, // outlives the page
      ...(body === undefined ? {} : { body, headers: { "Content-Type": "application/json" } }),
    };
    const path = `${base}${bucket}/${encodeURIComponent(key)}`;
    // The tray is on this machine: a failure means that it ends, and the page with it.
    chain = chain.then(() => fetcher(path, init)).catch(() => {});
  }

  return {
    outbox: false,
    own() {}, // the tray serves one person
    async all(bucket) {
      if (bucket === "settings" && first) {
        const had = first;
        first = null;
        return had;
      }
      await chain;
      const answer = await ask<Record<string, unknown>>(fetcher, base + bucket);
      return answer.data ?? {};
    },
    put(bucket, key, value) {
      if (bucket !== "outbox") send(bucket, key, value);
    },
    drop: (bucket, key) => send(bucket, key, undefined),
    changed() {},
  };
}
