// Why a message of mine is not there yet, or did not go out, in a sentence.
import type { App, Bubble } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";

const online = (app: App): boolean => app.link.value.state === "online";

export const waitsFor = (app: App): string => say(online(app) ? "view.message.waits.ack" : "view.message.waits.line");

export function failedWhy(app: App, b: Bubble): string {
  switch (b.code) {
    case undefined:
    case "unavailable":
      return say(online(app) ? "view.message.failed.silent" : "view.message.failed.line");
    case "too_large":
      return say("view.message.failed.long");
    case "not_found":
    case "forbidden":
      return say("view.message.failed.gone");
    case "rate_limited":
      return say("view.message.failed.busy");
    default:
      return sayError(b.code);
  }
}
