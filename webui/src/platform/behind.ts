// What a page has only behind a tray. A browser has no need of it.
import type { Browser, ServerAddress, Tried } from "../state/face.ts";
import type { Parts } from "../state/parts.ts";
import { ask } from "./edge.ts";

export { edgeKeep } from "./keepedge.ts";

export function behindTray(fetcher: typeof fetch): NonNullable<Parts["tray"]> {
  return {
    server: serverAddress(fetcher),
    browser: browserOf(fetcher),
    useHere: () => void ask(fetcher, "edge/v1/use", { method: "POST" }),
    retry: () => void ask(fetcher, "edge/v1/retry", { method: "POST" }),
    diagnose: async () => (await ask<{ text: string }>(fetcher, "edge/v1/diagnose")).data?.text ?? "",
    tryNotification: async () =>
      (await ask<Tried>(fetcher, "edge/v1/notify", { method: "POST" })).data ?? {
        shown: false,
        service: "",
        click: false,
        reply: false,
        withdraw: false,
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

function serverAddress(fetcher: typeof fetch): ServerAddress {
  return {
    async get() {
      return (await ask<{ url: string }>(fetcher, "edge/v1/server")).data?.url ?? "";
    },
    async set(url) {
      const init = { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ url }) };
      return (await ask(fetcher, "edge/v1/server", init)).error?.code ?? null;
    },
  };
}
