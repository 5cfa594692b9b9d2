// Body is the inside of a bubble, by the type of the message.
import type { Bubble } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import css from "./bubble.module.css";
import { Prose } from "./Prose.tsx";
import type { Talk } from "./talk.ts";

export function Body({ b }: { readonly talk: Talk; readonly b: Bubble }) {
  const m = b.message;
  if (m.cancelled) {
    return (
      <span class={css.gone}>
        <Icon name="undo-2" size={14} />
        {say("view.message.cancelled")}
      </span>
    );
  }
  switch (m.type) {
    default:
      return <Prose text={m.body} />;
  }
}
