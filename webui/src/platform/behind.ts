// What a page has only behind a tray. A browser has no need of it.
import type { Fault, LineCheck } from "../gen/protocol.ts";
import type { Browser, ServerAddress, Tried } from "../state/face.ts";
import type { Parts } from "../state/parts.ts";
import { ask } from "./edge.ts";

export { edgeKeep } from "./keepedge.ts";
export { sealedCopy } from "./sealed.ts";

export function behindTray(fetcher: typeof fetch): NonNullable<Parts["tray"]> {
  return {
    server: serverAddress(fetcher),
    browser: browserOf(fetcher),
    useHere: () => void ask(fetcher, "edge/v1/use", { method: "POST" }),
    retry: () => void ask(fetcher, "edge/v1/retry", { method: "POST" }),
    diagnose: async () => (await ask<{ text: string }>(fetcher, "edge/v1/diagnose")).data?.text ?? "",
    checkLine: async () => (await ask<LineCheck>(fetcher, "edge/v1/line", { method: "POST" })).data?.steps ?? [],
    tryNotification: async () =>
      (await ask<Tried>(fetcher, "edge/v1/notify", { method: "POST" })).data ?? {
        shown: false,
        service: "",
        click: false,
        reply: false,
        withdraw: false,
        stay: false,
      },
  };
}

// browserOf asks the tray, which opens the browser and hears of its answer.
function browserOf(fetcher: typeof fetch): Browser {
  return {
    async ask() {
      return (await ask<{ number: string }>(fetcher, "edge/v1/browser", { method: "POST" })).data?.number ?? null;
    },
    async wait(number) {
      for (;;) {
        // The tray answers when it knows, or after a while to be asked again.
        const answer = await ask<{ state: string }>(fetcher, `edge/v1/browser/${encodeURIComponent(number)}`);
        const state = answer.data?.state;
        if (state === "in" || state === "other") return state;
        if (state !== "waiting") return "late";
      }
    },
  };
}

async function put(fetcher: typeof fetch, path: string, what: object): Promise<Fault | null> {
  const init = { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(what) };
  return (await ask(fetcher, path, init)).error ?? null;
}

function serverAddress(fetcher: typeof fetch): ServerAddress {
  return {
    async get() {
      return (await ask<{ url: string }>(fetcher, "edge/v1/server")).data?.url ?? "";
    },
    set: (url) => put(fetcher, "edge/v1/server", { url }),
    async proxy() {
      return (await ask<{ proxy: string }>(fetcher, "edge/v1/proxy")).data?.proxy ?? "";
    },
    signInAtProxy: async (proxy, name, password) =>
      (await put(fetcher, "edge/v1/proxy", { proxy, name, password }))?.code ?? null,
  };
}
