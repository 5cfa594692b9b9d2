// Replaced tells that another device of the same kind took over, and offers to come back. What was typed stays.
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { agent } from "./agent.ts";
import { clock } from "./when.ts";

export function Replaced({ app }: { readonly app: App }) {
  const { state, by } = app.link.value;
  if (state !== "replaced") return null;
  const facts = by
    ? [
        clock(by.at),
        agent(by.agent) || say(by.device === "desktop" ? "view.device.desktop" : "view.device.web"),
        by.address,
      ]
    : [];
  return (
    <Dialog
      title={say("view.replaced")}
      kind="alertdialog"
      size="small"
      close={null}
      foot={
        <Button kind="primary" first onClick={() => app.useHere()}>
          {say("view.replaced.here")}
        </Button>
      }
    >
      <p>{say("view.replaced.about")}</p>
      {facts.length > 0 && (
        <p style={{ marginTop: "8px", color: "var(--soft)" }}>{facts.filter(Boolean).join(" · ")}</p>
      )}
    </Dialog>
  );
}
