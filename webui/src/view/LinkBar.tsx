// LinkBar says in one calm line that the connection is away, after two seconds of it. It pushes the page down and covers nothing.
import { useEffect, useState } from "preact/hooks";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import css from "./linkbar.module.css";
import { sheet } from "./place.ts";
import { sayWhy } from "./unreached.ts";

const patience = 2000;

export function LinkBar({ app }: { readonly app: App }) {
  const { state, since, why, certificate } = app.link.value;
  const away = state === "offline" || state === "connecting";
  const [shown, show] = useState(false);
  useEffect(() => {
    if (!away) {
      show(false);
      return;
    }
    const timer = setTimeout(() => show(true), Math.max(0, since + patience - Date.now()));
    return () => clearTimeout(timer);
  }, [away, since]);
  return (
    <div role="status" aria-live="polite">
      {away && shown && (
        <div class={css.bar}>
          <Icon name="wifi-off" size={16} />
          <span>{why ? sayWhy(why, certificate) : say("view.link.lost")}</span>
          {why === "proxy_sign_in" && (
            <button type="button" class={css.now} onClick={() => (sheet.value = { kind: "proxy" })}>
              {say("view.proxy.open")}
            </button>
          )}
          <button type="button" class={css.now} onClick={() => app.retry()}>
            {say("view.link.now")}
          </button>
        </div>
      )}
    </div>
  );
}
