// Failed says why a message of mine did not go out, and what can be done with it.
import type { App, Bubble } from "../state/app.ts";
import { tooUrgent } from "../state/outgoing.ts";
import { say, sayError } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import css from "./bubble.module.css";
import type { Talk } from "./talk.ts";
import { online } from "./why.ts";

export function Failed({ talk, b }: { readonly talk: Talk; readonly b: Bubble }) {
  const why = failedWhy(talk.app, b);
  return (
    <div class={css.trouble} role="group" aria-label={say("view.message.failed")}>
      <span>
        <Icon name="circle-alert" size={14} />
        {why}
      </span>
      <div>
        <button type="button" onClick={() => talk.app.resend(talk.model.id, b.message.id)}>
          {say(tooUrgent({ ...b.message, ...b }) ? "view.message.resend.plain" : "view.message.resend")}
        </button>
        <button type="button" onClick={() => talk.app.discard(talk.model.id, b.message.id)}>
          {say("view.message.discard")}
        </button>
      </div>
    </div>
  );
}

function failedWhy(app: App, b: Bubble): string {
  if (tooUrgent({ ...b.message, ...b })) {
    return say(b.code === "forbidden" ? "view.message.failed.urgentOff" : "view.message.failed.urgentMuch");
  }
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
