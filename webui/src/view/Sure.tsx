// Sure asks before something that cannot be undone. When it fails, it says so here and stays.
import { useState } from "preact/hooks";
import type { ErrorCode } from "../gen/protocol.ts";
import { type Args, type Key, say, sayError } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";

interface Props {
  readonly title: Key;
  readonly about: Key;
  readonly go: Key;
  readonly no?: Key; // leaves it; another word than the usual one
  readonly args?: Args;
  readonly act: () => Promise<ErrorCode | null>;
  readonly close: () => void;
}

export function Sure({ title, about, go, no = "view.no", args, act, close }: Props) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorCode | null>(null);
  const run = async () => {
    setBusy(true);
    const code = await act();
    setBusy(false);
    if (code) setError(code);
    else close();
  };
  return (
    <Dialog
      title={say(title, args)}
      kind="alertdialog"
      size="small"
      close={close}
      foot={
        <>
          <Button first onClick={close}>
            {say(no)}
          </Button>
          <Button kind="danger" busy={busy} onClick={() => void run()}>
            {say(go)}
          </Button>
        </>
      }
    >
      <p>{say(about, args)}</p>
      {error && (
        <p role="alert" style={{ marginTop: "8px", color: "var(--danger)" }}>
          {sayError(error)}
        </p>
      )}
    </Dialog>
  );
}
