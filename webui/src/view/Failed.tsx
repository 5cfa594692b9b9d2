// Failed says why a message of mine did not go out, and what can be done with it.
import type { Bubble } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import css from "./bubble.module.css";
import type { Talk } from "./talk.ts";
import { failedWhy } from "./why.ts";

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
          {say("view.message.resend")}
        </button>
        <button type="button" onClick={() => talk.app.discard(talk.model.id, b.message.id)}>
          {say("view.message.discard")}
        </button>
      </div>
    </div>
  );
}
