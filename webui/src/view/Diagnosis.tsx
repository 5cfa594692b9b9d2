// Diagnosis shows what the device says of itself, to be copied for the person who helps, and tests the way to the server.
import { useEffect, useState } from "preact/hooks";
import type { LineMark, LineStep } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { copy } from "./copy.ts";
import { sayAll, sayStep } from "./linesaid.ts";
import css from "./why.module.css";

export function Diagnosis({ app, close }: { readonly app: App; readonly close: () => void }) {
  const [text, setText] = useState<string | null>(null);
  const [steps, setSteps] = useState<readonly LineStep[] | null>(null);
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
            <textarea class={css.report} readOnly rows={10} aria-label={say("view.diagnose")} value={text} />
            <Test app={app} steps={steps} found={setSteps} />
            <Button kind="primary" first onClick={() => copy(steps ? `${sayAll(steps)}\n${text}` : text)}>
              <Icon name="copy" size={18} />
              {say("view.message.copy")}
            </Button>
          </>
        )}
      </div>
    </Dialog>
  );
}

const shapes: Readonly<Record<LineMark, IconName>> = { good: "check", bad: "circle-alert", none: "ellipsis" };

interface Props {
  readonly app: App;
  readonly steps: readonly LineStep[] | null;
  readonly found: (steps: readonly LineStep[]) => void;
}

function Test({ app, steps, found }: Props) {
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    found(await app.checkLine());
    setBusy(false);
  };
  return (
    <section class={css.test} aria-label={say("view.line.title")} aria-busy={busy}>
      {steps ? (
        <ol>
          {steps.map((s) => (
            <li key={s.said} data-mark={s.mark}>
              <span role="img" aria-label={say(`view.line.mark.${s.mark}`)}>
                <Icon name={shapes[s.mark]} size={18} />
              </span>
              <span>{sayStep(s)}</span>
            </li>
          ))}
        </ol>
      ) : (
        <p class={css.soft}>{say("view.line.about")}</p>
      )}
      <Button busy={busy} onClick={() => void go()}>
        {say(steps ? "view.line.again" : "view.line.go")}
      </Button>
    </section>
  );
}
