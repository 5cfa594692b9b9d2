// Urgent is the switch in the box that makes the next message urgent, and the bar that says what that means.
import { say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import css from "./composer.module.css";

export function UrgentButton({ on, flip }: { readonly on: boolean; readonly flip: () => void }) {
  return (
    <button
      type="button"
      class={on ? `${css.attach} ${css.urges}` : css.attach}
      aria-pressed={on}
      aria-label={say("view.composer.urgent")}
      title={say("view.composer.urgent")}
      onClick={flip}
    >
      <Icon name="siren" size={20} />
    </button>
  );
}

export function UrgentBar({ most, close }: { readonly most: number; readonly close: () => void }) {
  return (
    <div class={`${css.quote} ${css.urgent}`} role="status">
      <Icon name="siren" size={16} />
      <span>
        <b>{say("view.message.urgent")}</b>
        {say("view.composer.urgent.on", { n: most })}
      </span>
      <IconButton icon="x" label={say("view.composer.urgent.off")} size={18} onClick={close} />
    </div>
  );
}
