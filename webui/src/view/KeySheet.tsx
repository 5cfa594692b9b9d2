// KeySheet lists every key.
import { type Key, say } from "../text/say.ts";
import { Dialog } from "../ui/Dialog.tsx";
import css from "./settings.module.css";

const mod = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl";
const keys: readonly (readonly [readonly string[], Key])[] = [
  [[mod, "K"], "view.keys.jump"],
  [[mod, "F"], "view.keys.find"],
  [["F3"], "view.keys.findNext"],
  [[mod, "Shift", "F"], "view.keys.search"],
  [["Alt", "↑"], "view.keys.previous"],
  [["Alt", "↓"], "view.keys.next"],
  [["Alt", "N"], "view.keys.new"],
  [[mod, "Shift", "M"], "view.keys.mute"],
  [["Alt", "Shift", "↑ ↓"], "view.keys.move"],
  [[mod, ","], "view.keys.settings"],
  [["F6"], "view.keys.region"],
  [["↑", "↓"], "view.keys.list"],
  [["Enter"], "view.keys.enter"],
  [["Shift", "Enter"], "view.keys.break"],
  [["↑"], "view.keys.edit"],
  [["Esc"], "view.keys.esc"],
  [["?"], "view.keys.sheet"],
];

export function KeySheet({ close }: { readonly close: () => void }) {
  return (
    <Dialog title={say("view.keys")} close={close}>
      <dl class={css.keys}>
        {keys.map(([combo, about]) => (
          <>
            <dt>
              {combo.map((k) => (
                <kbd key={k}>{k}</kbd>
              ))}
            </dt>
            <dd>{say(about)}</dd>
          </>
        ))}
      </dl>
    </Dialog>
  );
}
