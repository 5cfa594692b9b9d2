// SignIn asks who is there. Errors stand at the field they are about; what was typed stays.
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Fault, limits } from "../gen/protocol.ts";
import { entry } from "../platform/entry.ts";
import { wish } from "../platform/windows.ts";
import type { App, ServerAddress } from "../state/app.ts";
import { lang, say, sayError } from "../text/say.ts";
import { Button, Field, IconButton } from "../ui/Controls.tsx";
import { Mark } from "../ui/Mark.tsx";
import { Company, useWays } from "./Company.tsx";
import { useProxy } from "./ProxyForm.tsx";
import { SecondStep } from "./SecondStep.tsx";
import css from "./signin.module.css";
import { dropSpots } from "./spot.ts";
import { unreached } from "./unreached.ts";

export function SignIn({ app }: { readonly app: App }) {
  const server = app.server.value;
  const [address, setAddress] = useState<string | null>(server ? null : "");
  const [asking, ask] = useState(false);
  useEffect(dropSpots, []);
  useEffect(() => {
    if (!server) return;
    server.get().then((url) => {
      setAddress(url);
      ask(url === "");
    });
  }, [server]);
  if (server && address === null) return <Page app={app}>{null}</Page>;
  if (server && asking) {
    return (
      <Page app={app}>
        <Address
          server={server}
          address={address ?? ""}
          done={(url) => {
            setAddress(url);
            ask(false);
          }}
        />
      </Page>
    );
  }
  return (
    <Page app={app}>
      <WaysIn key={address ?? ""} app={app} />
      {server && (
        <p class={css.server}>
          <span>{address}</span>
          <button type="button" class={css.link} onClick={() => ask(true)}>
            {say("view.server.change")}
          </button>
          <button type="button" class={css.link} onClick={() => (wish.value = "diagnose")}>
            {say("view.diagnose")}
          </button>
        </p>
      )}
      {server && wish.value === "diagnose" && <Diagnosed app={app} />}
    </Page>
  );
}

// Diagnosed shows what the tray says, and tests the way to the server: nobody has to be signed in for that.
function Diagnosed({ app }: { readonly app: App }) {
  const [part, setPart] = useState<typeof import("./Diagnosis.tsx") | null>(null);
  useEffect(() => {
    void import("./Diagnosis.tsx").then(setPart, () => (wish.value = null));
  }, []);
  return part && <part.Diagnosis app={app} close={() => (wish.value = null)} />;
}

// WaysIn offers the ways that this server knows. Where passwords are for administrators only, theirs is one step away.
function WaysIn({ app }: { readonly app: App }) {
  const ways = useWays(app);
  const [admin, setAdmin] = useState(false);
  if (ways === null) return null;
  const { refused } = entry.value;
  const company = <Company app={app} ways={ways} />;
  const hidden = ways.passwords === "admins" && !admin;
  return (
    <>
      {refused && (
        <p class={css.error} role="alert">
          {say(refused === "unavailable" ? "view.signin.refusedLater" : "view.signin.refused")}
        </p>
      )}
      {hidden ? (
        <div class={css.form}>
          {company}
          <button type="button" class={css.link} onClick={() => setAdmin(true)}>
            {say("view.signin.admin")}
          </button>
        </div>
      ) : (
        <>
          <Credentials app={app} />
          {company}
        </>
      )}
    </>
  );
}

// Page is the frame of every screen before the first room.
export function Page({ app, children }: { readonly app: App; readonly children: ComponentChildren }) {
  return (
    <div class={css.page}>
      <main class={css.card}>
        <div class={css.brand}>
          <Mark size={44} />
          <h1>Sendjay</h1>
        </div>
        {children}
      </main>
      <Languages app={app} />
    </div>
  );
}

function Languages({ app }: { readonly app: App }) {
  return (
    <div class={css.languages} role="group" aria-label={say("view.settings.language")}>
      {(["ko", "en"] as const).map((l) => (
        <button
          key={l}
          type="button"
          lang={l}
          class={css.link}
          aria-pressed={lang.value === l}
          onClick={() => app.setSettings({ lang: l })}
        >
          {l === "ko" ? "한국어" : "English"}
        </button>
      ))}
    </div>
  );
}

function Address({
  server,
  address,
  done,
}: {
  readonly server: ServerAddress;
  readonly address: string;
  readonly done: (url: string) => void;
}) {
  const [url, setUrl] = useState(address);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const proxy = useProxy(server, () => void submit());
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => box.current?.focus(), []);
  const submit = async () => {
    const full = /^https?:\/\//.test(url.trim()) ? url.trim() : `https://${url.trim()}`;
    if (url.trim() === "" || !URL.canParse(full)) return setError(say("view.server.wrong"));
    setBusy(true);
    const fault = await server.set(full);
    setBusy(false);
    if (fault?.field === "proxy_sign_in") proxy.asked();
    else if (fault)
      setError(fault.code === "bad_request" ? say("view.server.wrong") : unreached(fault, "view.server.silent"));
    else done((await server.get()) || full); // as the tray writes it
  };
  if (proxy.form) return proxy.form;
  return (
    <form
      class={css.form}
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <p class={css.say}>{say("view.server.about")}</p>
      <Field
        label={say("view.server.label")}
        value={url}
        error={error}
        autocomplete="url"
        plain
        box={box}
        placeholder="https://talk.example.com"
        onInput={(e) => {
          setUrl(e.currentTarget.value);
          setError(null);
        }}
      />
      <Button kind="primary" type="submit" wide busy={busy}>
        {say("view.server.use")}
      </Button>
    </form>
  );
}

function Credentials({ app }: { readonly app: App }) {
  const saved = app.settings.value.savedId ?? "";
  const [id, setId] = useState(saved);
  const [save, setSave] = useState(saved !== "");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState<{ readonly at: "id" | "password" | "form"; readonly text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [second, setSecond] = useState(false);
  const proxy = useProxy(app.server.value, () => void submit());
  const idBox = useRef<HTMLInputElement>(null);
  const passwordBox = useRef<HTMLInputElement>(null);
  useEffect(() => {
    (saved ? passwordBox : idBox).current?.focus();
  }, [saved]);

  const refuse = (fault: Fault) => {
    const { code, field } = fault;
    if (field === "code") setSecond(true);
    else if (field === "proxy_sign_in" && app.server.peek()) proxy.asked();
    else if (field === "passwords") setWrong({ at: "form", text: say("view.signin.noUse") });
    else if (code === "bad_credentials") {
      setWrong({ at: "password", text: sayError(code) });
      passwordBox.current?.select();
      passwordBox.current?.focus();
    } else
      setWrong({
        at: "form",
        text: code === "unavailable" ? unreached(fault, "view.signin.unreachable") : sayError(code),
      });
  };
  const submit = async () => {
    if (busy) return;
    if (id.trim() === "") {
      setWrong({ at: "id", text: say("view.signin.noId") });
      idBox.current?.focus();
      return;
    }
    if (password === "") {
      setWrong({ at: "password", text: say("view.signin.noPassword") });
      passwordBox.current?.focus();
      return;
    }
    setBusy(true);
    setWrong(null);
    const fault = await app.signIn(id.trim(), password);
    setBusy(false);
    if (fault) refuse(fault);
    else app.setSettings({ savedId: save ? id.trim() : "" });
  };
  if (proxy.form) return proxy.form;
  if (second) {
    return (
      <SecondStep
        send={async (code) => {
          const fault = await app.signIn(id.trim(), password, code);
          if (!fault) app.setSettings({ savedId: save ? id.trim() : "" });
          return fault;
        }}
        back={() => {
          setSecond(false);
          setPassword("");
        }}
      />
    );
  }
  return (
    <form
      class={css.form}
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      <Field
        label={say("view.signin.id")}
        box={idBox}
        name="username"
        value={id}
        error={wrong?.at === "id" ? wrong.text : null}
        autocomplete="username"
        plain
        maxLength={limits.userIdBytes}
        onInput={(e) => {
          setId(e.currentTarget.value);
          setWrong(null);
        }}
      />
      <Password
        label={say("view.signin.password")}
        box={passwordBox}
        value={password}
        error={wrong?.at === "password" ? wrong.text : null}
        autocomplete="current-password"
        onValue={(v) => {
          setPassword(v);
          setWrong(null);
        }}
      />
      <label class={css.check}>
        <input type="checkbox" checked={save} onChange={(e) => setSave(e.currentTarget.checked)} />
        {say("view.signin.saveId")}
      </label>
      {wrong?.at === "form" && (
        <p class={css.error} role="alert">
          {wrong.text}
        </p>
      )}
      <Button kind="primary" type="submit" wide>
        {say(busy ? "view.signin.busy" : "view.signin.go")}
      </Button>
    </form>
  );
}

interface PasswordProps {
  readonly label: string;
  readonly value: string;
  readonly error: string | null;
  readonly autocomplete: "current-password" | "new-password";
  readonly onValue: (v: string) => void;
  readonly hint?: string;
  readonly box?: { current: HTMLInputElement | null };
}

function Password({ label, value, error, autocomplete, onValue, hint, box }: PasswordProps) {
  const [shown, show] = useState(false);
  const [caps, setCaps] = useState(false);
  const look = (e: KeyboardEvent) => setCaps(e.getModifierState?.("CapsLock") ?? false);
  return (
    <Field
      label={label}
      {...(box ? { box } : {})}
      name={autocomplete}
      type={shown ? "text" : "password"}
      value={value}
      error={error}
      hint={caps ? say("view.signin.caps") : (hint ?? null)}
      autocomplete={autocomplete}
      plain
      maxLength={limits.passwordBytes}
      onInput={(e) => onValue(e.currentTarget.value)}
      onKeyDown={look}
      onKeyUp={look}
      onBlur={() => setCaps(false)}
      end={
        <IconButton
          icon={shown ? "eye-off" : "eye"}
          label={say(shown ? "view.signin.hide" : "view.signin.show")}
          onClick={() => show(!shown)}
        />
      }
    />
  );
}

// ChangePassword stands in front of everything while the password is a one-time password.
export function ChangePassword({ app }: { readonly app: App }) {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [wrong, setWrong] = useState<{ readonly at: "old" | "fresh" | "again"; readonly text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const at = (field: "old" | "fresh" | "again") => (wrong?.at === field ? wrong.text : null);
  const typed = (set: (v: string) => void) => (v: string) => {
    set(v);
    setWrong(null);
  };
  const submit = async () => {
    if (old === "") return setWrong({ at: "old", text: say("view.signin.noPassword") });
    if ([...fresh].length < 8) return setWrong({ at: "fresh", text: say("view.change.short") });
    if (fresh === old) return setWrong({ at: "fresh", text: say("view.change.same") });
    if (fresh !== again) return setWrong({ at: "again", text: say("view.change.differs") });
    setBusy(true);
    const code = await app.changePassword(old, fresh);
    setBusy(false);
    if (code) setWrong({ at: code === "bad_credentials" ? "old" : "fresh", text: sayError(code) });
  };
  return (
    <Page app={app}>
      <form
        class={css.form}
        noValidate
        onSubmit={(e) => {
          e.preventDefault();
          void submit();
        }}
      >
        <p class={css.say}>{say("view.change.about")}</p>
        <Password
          label={say("view.change.old")}
          value={old}
          error={at("old")}
          autocomplete="current-password"
          onValue={typed(setOld)}
        />
        <Password
          label={say("view.change.new")}
          value={fresh}
          error={at("fresh")}
          hint={say("view.change.rule")}
          autocomplete="new-password"
          onValue={typed(setFresh)}
        />
        <Password
          label={say("view.change.again")}
          value={again}
          error={at("again")}
          autocomplete="new-password"
          onValue={typed(setAgain)}
        />
        <Button kind="primary" type="submit" wide busy={busy}>
          {say("view.change.go")}
        </Button>
        <Button wide onClick={() => void app.signOut()}>
          {say("view.settings.signOut")}
        </Button>
      </form>
    </Page>
  );
}
