// ProxyForm asks for what a proxy on the way wants to hear. It is kept in the keyring of this computer.
import { useEffect, useState } from "preact/hooks";
import type { ServerAddress } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Button, Field } from "../ui/Controls.tsx";
import css from "./signin.module.css";

// The tray takes no more of either.
const most = 256;

// useProxy holds the form for whatever failed because of a proxy and shall be tried again afterwards.
export function useProxy(server: ServerAddress | null, retry: () => void) {
  const [tries, setTries] = useState(0);
  const [shown, show] = useState(false);
  const done = () => {
    show(false);
    retry();
  };
  return {
    asked: () => {
      setTries((n) => n + 1);
      show(true);
    },
    form: shown && server ? <ProxyForm server={server} again={tries > 1} done={done} /> : null,
  };
}

interface Props {
  readonly server: ServerAddress;
  readonly again?: boolean; // the proxy was not content
  readonly done: () => void;
}

export function ProxyForm({ server, again, done }: Props) {
  const [proxy, setProxy] = useState("");
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState<string | null>(again ? say("view.proxy.again") : null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    void server.proxy().then(setProxy);
  }, [server]);
  const submit = async () => {
    if (name === "" || password === "") return setWrong(say("view.proxy.missing"));
    setBusy(true);
    const code = await server.signInAtProxy(proxy, name, password);
    setBusy(false);
    if (code) setWrong(say("view.proxy.failed"));
    else done();
  };
  const typed = (set: (v: string) => void) => (e: { currentTarget: HTMLInputElement }) => {
    set(e.currentTarget.value);
    setWrong(null);
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
      <p class={css.say}>{say("view.proxy.about", { proxy })}</p>
      <Field label={say("view.proxy.name")} value={name} first plain maxLength={most} onInput={typed(setName)} />
      <Field
        label={say("view.signin.password")}
        type="password"
        value={password}
        error={wrong}
        plain
        maxLength={most}
        onInput={typed(setPassword)}
      />
      <Button kind="primary" type="submit" wide busy={busy}>
        {say("view.proxy.go")}
      </Button>
    </form>
  );
}
