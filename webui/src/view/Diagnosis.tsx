// Diagnosis shows what the device says of itself, to be copied for the person who helps.
import { useEffect, useState } from "preact/hooks";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { copy } from "./copy.ts";
import css from "./why.module.css";

export function Diagnosis({ app, close }: { readonly app: App; readonly close: () => void }) {
  const [text, setText] = useState<string | null>(null);
  useEffect(() => {
    let open = true;
    void app.diagnose().then((t) => open && setText(t));
    return () => {
      open = false;
    };
  }, [app]);
  return (
    <Dialog title={say("view.diagnose")} close={close}>
      <div class={css.all} aria-live="polite" aria-busy={text === null}>
        <p class={css.soft}>{say(text === "" ? "view.diagnose.failed" : "view.diagnose.about")}</p>
        {text && (
          <>
            <textarea class={css.report} readOnly rows={14} aria-label={say("view.diagnose")} value={text} />
            <Button kind="primary" first onClick={() => copy(text)}>
              <Icon name="copy" size={18} />
              {say("view.message.copy")}
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}
