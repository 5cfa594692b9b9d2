// Signing in by the ticket that this computer got when its person signed in to it: by a button, and by itself where that
// worked before or the company says that it does. A browser that was never told to show tickets here might ask for a
// password of no use; so nothing is tried unasked in one that we do not know.
import { useEffect, useState } from "preact/hooks";
import type { Fault, KerberosWay } from "../gen/protocol.ts";
import { entry } from "../platform/entry.ts";
import type { App } from "../state/app.ts";
import { lang, say, sayError } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import css from "./signin.module.css";

export function Ticket({ app, way, first }: { readonly app: App; readonly way: KerberosWay; readonly first: boolean }) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const go = async (asked: boolean) => {
    setBusy(true);
    setWrong(null);
    const fault = await app.signInByTicket();
    setBusy(false);
    if (fault && asked) setWrong(reasonOf(fault));
  };
  useEffect(() => {
    const { ticket } = app.settings.peek();
    const known = ticket === "in" || (way.silent && ticket !== "out");
    // The tray knows better than we who signed out, and shows its ticket to nobody that IT did not name.
    if ((app.browser ? way.silent : known) && !entry.peek().refused) void go(false);
  }, [app]);
  return (
    <>
      {wrong && (
        <p class={css.error} role="alert">
          {wrong}
        </p>
      )}
      <Button kind={first ? "primary" : "plain"} wide busy={busy} onClick={() => void go(true)}>
        {busy ? say("view.signin.busy") : way.label[lang.value] || say("view.signin.computer")}
      </Button>
    </>
  );
}

function reasonOf({ code }: Fault): string {
  if (code === "unauthenticated") return say("view.signin.noTicket");
  if (code === "bad_credentials") return say("view.signin.badTicket");
  return code === "unavailable" ? say("view.signin.unreachable") : sayError(code);
}
