// Vouch asks whether the desktop application of this machine may sign in as whoever is signed in here. A number on both
// screens keeps strangers from having themselves signed in.
import { useState } from "preact/hooks";
import type { ErrorCode } from "../gen/protocol.ts";
import { type Asked, entry } from "../platform/entry.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import { Page } from "./SignIn.tsx";
import css from "./signin.module.css";

const forget = (): void => {
  entry.value = { ...entry.peek(), asked: null, vouched: false };
};

export function Vouch({ app, asked }: { readonly app: App; readonly asked: Asked }) {
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<ErrorCode | null>(null);
  const go = async () => {
    setBusy(true);
    setWrong(null);
    const answer = await app.http.post<{ code: string }>("auth/vouch", { challenge: asked.challenge });
    setBusy(false);
    if (answer.error) return setWrong(answer.error.code);
    const q = new URLSearchParams({ state: asked.state, code: answer.data.code });
    location.assign(`http://127.0.0.1:${asked.port}/_vouched?${q}`);
  };
  return (
    <Page app={app}>
      <div class={css.form}>
        <h2 class={css.title}>{say("view.vouch.title")}</h2>
        <p class={css.say}>{say("view.vouch.about", { name: app.me.value?.name ?? "" })}</p>
        <output class={css.number} aria-label={say("view.vouch.number")}>
          {numberOf(asked.challenge)}
        </output>
        <p class={css.say}>{say("view.vouch.careful")}</p>
        {wrong && (
          <p class={css.error} role="alert">
            {sayError(wrong)}
          </p>
        )}
        <Button kind="primary" wide busy={busy} onClick={() => void go()}>
          {say("view.vouch.go")}
        </Button>
        <Button wide onClick={forget}>
          {say("view.no")}
        </Button>
      </div>
    </Page>
  );
}

// Vouched is what the browser shows when the desktop application is in.
export function Vouched({ app }: { readonly app: App }) {
  return (
    <Page app={app}>
      <div class={css.form}>
        <p class={css.say} role="status">
          {say("view.vouch.done")}
        </p>
        <Button wide onClick={forget}>
          {say("view.vouch.here")}
        </Button>
      </div>
    </Page>
  );
}

// numberOf is short enough to compare at a glance; the tray shows the same.
export function numberOf(challenge: string): string {
  return challenge.slice(0, 6).toUpperCase();
}
