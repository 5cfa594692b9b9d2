// Announced is what an administrator said to everybody, until it is put away.
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import css from "./announced.module.css";

export function Announced({ app }: { readonly app: App }) {
  const a = app.announced.value;
  if (!a?.text || a.id === app.settings.value.seenNotice) return null;
  return (
    <aside class={css.bar} aria-label={say("view.announced")}>
      <Icon name="circle-alert" size={18} />
      <p role="status">{a.text}</p>
      <button type="button" aria-label={say("view.close")} onClick={() => app.setSettings({ seenNotice: a.id })}>
        <Icon name="x" size={18} />
      </button>
    </aside>
  );
}
