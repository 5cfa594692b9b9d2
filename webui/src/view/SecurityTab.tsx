// SecurityTab is where a person is signed in, and with what.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { DevicesPage, ErrorCode, SignedDevice } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Button, Field } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import { deviceOrders, nameOf, wordsOf } from "./devices.ts";
import { FactorPart } from "./FactorPart.tsx";
import { Sure } from "./Sure.tsx";
import css from "./settings.module.css";
import { usePaged } from "./usePaged.tsx";
import { short } from "./when.ts";

export function SecurityTab({ app }: { readonly app: App }) {
  return (
    <>
      <Devices app={app} />
      <FactorPart app={app} />
      <Password app={app} />
    </>
  );
}

function Devices({ app }: { readonly app: App }) {
  const [all, set] = useState<readonly SignedDevice[] | null>(null);
  const [error, setError] = useState<ErrorCode | null>(null);
  const [ask, setAsk] = useState<SignedDevice | "all" | null>(null);
  const load = useCallback(async () => {
    const a = await app.http.get<DevicesPage>("me/devices");
    if (a.data) set(a.data.devices);
    setError(a.error?.code ?? null);
  }, [app]);
  useEffect(() => void load(), [load]);
  const list = usePaged(all ?? [], say("view.devices.find"), wordsOf, deviceOrders);
  const end = async (): Promise<ErrorCode | null> => {
    const a = await app.http.drop(ask && ask !== "all" ? `me/devices/${encodeURIComponent(ask.id)}` : "me/devices");
    await load();
    return a.error?.code ?? null;
  };
  return (
    <div class={css.popups}>
      <span class={css.label}>{say("view.devices")}</span>
      {error && (
        <p role="alert" class={css.error}>
          {sayError(error)} <Button onClick={() => void load()}>{say("view.again")}</Button>
        </p>
      )}
      {all === null && !error && <p class={css.soft}>{say("view.org.wait")}</p>}
      {list.above}
      <ul class={css.devices}>
        {list.shown.map((d) => (
          <li key={d.id}>
            <Icon
              name={d.device === "desktop" ? "monitor" : d.device === "mobile" ? "smartphone" : "globe"}
              size={20}
            />
            <span>
              <b>
                {nameOf(d)}
                {d.here && <em>{say("view.devices.here")}</em>}
              </b>
              <span>{[d.address, say("view.devices.used", { when: short(d.used) })].filter(Boolean).join(" · ")}</span>
            </span>
            {!d.here && <Button onClick={() => setAsk(d)}>{say("view.devices.end")}</Button>}
          </li>
        ))}
      </ul>
      {list.below}
      {all && all.length > 1 && (
        <Button kind="danger" onClick={() => setAsk("all")}>
          {say("view.devices.endAll")}
        </Button>
      )}
      {ask && (
        <Sure
          title={ask === "all" ? "view.devices.sureAll" : "view.devices.sure"}
          about={ask === "all" ? "view.devices.sureAll.about" : "view.devices.sure.about"}
          args={ask === "all" ? { n: (all?.length ?? 1) - 1 } : { name: nameOf(ask) }}
          go="view.devices.end"
          act={end}
          close={() => setAsk(null)}
        />
      )}
    </div>
  );
}

function Password({ app }: { readonly app: App }) {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [done, setDone] = useState(false);
  const go = async () => {
    if (fresh !== again) return setError(say("view.change.differs"));
    const code = await app.changePassword(old, fresh);
    setError(
      code === "bad_credentials"
        ? say("view.password.wrong")
        : code === "bad_request"
          ? say("view.password.weak")
          : code && sayError(code),
    );
    setDone(!code);
    if (!code) for (const clear of [setOld, setFresh, setAgain]) clear("");
  };
  return (
    <form
      class={css.form}
      onSubmit={(e) => {
        e.preventDefault();
        void go();
      }}
    >
      <span class={css.label}>{say("view.change.go")}</span>
      <Field
        type="password"
        label={say("view.change.old")}
        value={old}
        autocomplete="current-password"
        onInput={(e) => setOld(e.currentTarget.value)}
      />
      <Field
        type="password"
        label={say("view.change.new")}
        value={fresh}
        autocomplete="new-password"
        onInput={(e) => setFresh(e.currentTarget.value)}
      />
      <Field
        type="password"
        label={say("view.change.again")}
        value={again}
        autocomplete="new-password"
        error={error}
        hint={done ? say("view.password.done") : null}
        onInput={(e) => setAgain(e.currentTarget.value)}
      />
      <Button type="submit" disabled={!old || !fresh}>
        {say("view.change.go")}
      </Button>
    </form>
  );
}
