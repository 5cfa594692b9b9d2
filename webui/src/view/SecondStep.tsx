// SecondStep asks for the code of the authenticator app, after the password was right.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Fault } from "../gen/protocol.ts";
import { say, sayError } from "../text/say.ts";
import { Button, Field } from "../ui/Controls.tsx";
import css from "./signin.module.css";

interface Props {
  readonly send: (code: string) => Promise<Fault | null>;
  readonly back: () => void;
}

export function SecondStep({ send, back }: Props) {
  const [code, setCode] = useState("");
  const [wrong, setWrong] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const submit = async () => {
    if (busy) return;
    if (code.trim() === "") {
      setWrong(say("view.factor.none"));
      box.current?.focus();
      return;
    }
    setBusy(true);
    setWrong(null);
    const fault = await send(code.trim());
    setBusy(false);
    if (!fault) return;
    setWrong(fault.field === "code" ? say("view.factor.wrong") : sayError(fault.code));
    box.current?.select();
    box.current?.focus();
  };
  return (
    <form
      class={css.form}
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <p class={css.say}>{say("view.factor.ask")}</p>
      <Field
        label={say("view.factor.code")}
        box={box}
        name="one-time-code"
        value={code}
        error={wrong}
        hint={say("view.factor.lost")}
        autocomplete="one-time-code"
        plain
        maxLength={40}
        onInput={(e) => {
          setCode(e.currentTarget.value);
          setWrong(null);
        }}
      />
      <Button kind="primary" type="submit" wide>
        {say(busy ? "view.signin.busy" : "view.signin.go")}
      </Button>
      <Button wide onClick={back}>
        {say("view.factor.back")}
      </Button>
    </form>
  );
}
