// LostSheet says plainly that the room in front is no longer one's own.
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";

export function LostSheet({ app }: { readonly app: App }) {
  const lost = app.lost.value;
  if (!lost) return null;
  // A window of its own has nothing else to show.
  const close = () => {
    app.dismissLost();
    if (app.alone) window.close();
  };
  return (
    <Dialog
      title={say("view.lost")}
      kind="alertdialog"
      size="small"
      close={close}
      foot={
        <Button kind="primary" first onClick={close}>
          {say("view.ok")}
        </Button>
      }
    >
      <p>{say(lost.kicked ? "view.lost.kicked" : "view.lost.gone", { title: lost.title })}</p>
    </Dialog>
  );
}
