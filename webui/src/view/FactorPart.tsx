// FactorPart is my second factor: set up with an authenticator app, given up, and its recovery codes.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Factor, FactorCodes, FactorSecret, Fault } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Button, Field } from "../ui/Controls.tsx";
import { Awaited } from "./Awaited.tsx";
import css from "./factor.module.css";
import { heard } from "./place.ts";

type Step = "look" | "password" | "scan" | "codes" | "off" | "renew";

export function FactorPart({ app, done }: { readonly app: App; readonly done?: () => void }) {
  const [f, set] = useState<Factor | null>(null);
  const [step, setStep] = useState<Step>("look");
  const [secret, setSecret] = useState<FactorSecret | null>(null);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const [error, setError] = useState<string | null>(null);
  const load = useCallback(async () => {
    const a = await app.http.get<Factor>("me/factor");
    if (a.data) set(a.data);
    else setError(sayError(a.error.code));
  }, [app]);
  useEffect(() => void load(), [load]);
  const to = (next: Step) => {
    setError(null);
    setStep(next);
  };
  const fail = (fault: Fault) =>
    setError(
      fault.field === "code"
        ? say("view.factor.wrong")
        : fault.field === "password"
          ? say("view.password.wrong")
          : sayError(fault.code),
    );
  const begin = async (password: string) => {
    const a = await app.http.post<FactorSecret>("me/factor", { password });
    if (a.error) return fail(a.error);
    setSecret(a.data);
    to("scan");
  };
  const take = (a: FactorCodes) => {
    setCodes(a.codes);
    setSecret(null);
    to("codes");
    void load();
  };
  const confirm = async (code: string) => {
    const a = await app.http.put<FactorCodes>("me/factor", { code });
    if (a.error) fail(a.error);
    else take(a.data);
  };
  const renew = async (code: string) => {
    const a = await app.http.post<FactorCodes>("me/factor/codes", { code });
    if (a.error) fail(a.error);
    else take(a.data);
  };
  const off = async (code: string) => {
    const a = await app.http.post("me/factor/off", { code });
    if (a.error) return fail(a.error);
    heard.value = say("view.factor.isOff");
    to("look");
    await load();
  };
  const cancel = () => {
    setSecret(null);
    to("look");
  };
  if (!f) return <Awaited error={error} again={() => void load()} />;
  const ask = (
    go: (code: string) => Promise<void>,
    label: "view.factor.confirm" | "view.factor.renew" | "view.factor.off",
  ) => (
    <Ask
      key={step}
      label={say("view.factor.code")}
      go={say(label)}
      danger={label === "view.factor.off"}
      error={error}
      send={go}
      cancel={cancel}
    />
  );
  return (
    <section class={css.part} aria-label={say("view.factor")}>
      <span class={css.label}>{say("view.factor")}</span>
      {step === "look" && (
        <>
          <p class={css.soft}>{f.live ? say("view.factor.on", { n: f.codes }) : say("view.factor.about")}</p>
          {error && <p role="alert">{error}</p>}
          <div class={css.acts}>
            {!f.live && (
              <Button kind={done ? "primary" : "plain"} onClick={() => (f.password ? to("password") : void begin(""))}>
                {say("view.factor.begin")}
              </Button>
            )}
            {f.live && <Button onClick={() => to("renew")}>{say("view.factor.renew")}</Button>}
            {f.live && (
              <Button kind="danger" onClick={() => to("off")}>
                {say("view.factor.off")}
              </Button>
            )}
          </div>
        </>
      )}
      {step === "password" && (
        <Ask
          label={say("view.change.old")}
          go={say("view.factor.next")}
          password
          error={error}
          send={begin}
          cancel={cancel}
        />
      )}
      {step === "scan" && secret && (
        <>
          <p class={css.soft}>{say("view.factor.scan")}</p>
          <Square rows={secret.rows} />
          <p class={css.soft}>{say("view.factor.type")}</p>
          <code class={css.secret}>{secret.secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
          {ask(confirm, "view.factor.confirm")}
        </>
      )}
      {(step === "renew" || step === "off") && (
        <>
          <p class={css.soft}>{say(`view.factor.${step}.about`)}</p>
          {ask(step === "off" ? off : renew, `view.factor.${step}`)}
        </>
      )}
      {step === "codes" && (
        <>
          <p>{say("view.factor.codes")}</p>
          <ul class={css.codes}>
            {codes.map((c) => (
              <li key={c}>
                <code>{c}</code>
              </li>
            ))}
          </ul>
          <div class={css.acts}>
            <Button onClick={() => void navigator.clipboard.writeText(codes.join("\n"))}>
              {say("view.message.copy")}
            </Button>
            <Button
              kind="primary"
              onClick={() => {
                setCodes([]);
                to("look");
                done?.();
              }}
            >
              {say("view.factor.kept")}
            </Button>
          </div>
        </>
      )}
    </section>
  );
}

interface AskProps {
  readonly label: string;
  readonly go: string;
  readonly password?: boolean;
  readonly danger?: boolean;
  readonly error: string | null;
  readonly send: (text: string) => Promise<void>;
  readonly cancel: () => void;
}

function Ask({ label, go, password, danger, error, send, cancel }: AskProps) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  return (
    <form
      class={css.ask}
      onSubmit={async (e) => {
        e.preventDefault();
        if (busy || text.trim() === "") return;
        setBusy(true);
        await send(password ? text : text.trim());
        setBusy(false);
      }}
    >
      <Field
        label={label}
        value={text}
        error={error}
        plain
        first
        {...(password ? { type: "password" as const } : {})}
        autocomplete={password ? "current-password" : "one-time-code"}
        box={focusOnce}
        onInput={(e) => setText(e.currentTarget.value)}
      />
      <div class={css.acts}>
        <Button type="submit" kind={danger ? "danger" : "primary"} disabled={text.trim() === ""} busy={busy}>
          {go}
        </Button>
        <Button onClick={cancel}>{say("view.no")}</Button>
      </div>
    </form>
  );
}

const focusOnce = (el: HTMLInputElement | null) => el?.focus();

// Square draws the QR picture; dark on light in every theme, or no phone reads it.
function Square({ rows }: { readonly rows: readonly string[] }) {
  const quiet = 4; // the margin that the standard asks for
  const size = rows.length + 2 * quiet;
  const d = rows
    .flatMap((row, y) => [...row].map((c, x) => (c === "1" ? `M${x + quiet} ${y + quiet}h1v1h-1z` : "")))
    .join("");
  return (
    <svg class={css.square} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={say("view.factor.picture")}>
      <rect width={size} height={size} fill="#fff" />
      <path d={d} fill="#000" shape-rendering="crispEdges" />
    </svg>
  );
}
