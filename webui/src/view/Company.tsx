// The ways in beside the password: the ticket of this computer, the company's OpenID provider, and for the desktop the
// browser of the same machine.
import { useEffect, useState } from "preact/hooks";
import type { Ways } from "../gen/protocol.ts";
import { entry } from "../platform/entry.ts";
import type { App } from "../state/app.ts";
import { lang, say } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import css from "./signin.module.css";
import { Ticket } from "./Ticket.tsx";

const plain: Ways = { passwords: "all" };
const patience = 1500; // ms; a server that does not answer has a password field all the same

// useWays is null until the server has said how one may sign in: a form that moves while one types is worse than one
// that comes a moment later.
export function useWays(app: App): Ways | null {
  const [ways, setWays] = useState<Ways | null>(null);
  useEffect(() => {
    let here = true;
    const late = setTimeout(() => setWays((w) => w ?? plain), patience);
    void app.http.get<Ways>("auth/ways").then((answer) => {
      if (here && (answer.data || answer.error)) setWays(answer.data ?? plain);
    });
    return () => {
      here = false;
      clearTimeout(late);
    };
  }, [app]);
  return ways;
}

const labelOf = (ways: Ways): string =>
  (ways.oidc ?? ways.kerberos?.label)?.[lang.value] || say(ways.oidc ? "view.signin.company" : "view.signin.computer");

export function Company({ app, ways }: { readonly app: App; readonly ways: Ways }) {
  const only = ways.passwords === "admins";
  const ticket = ways.kerberos && !ways.kerberos.browser ? ways.kerberos : null;
  const away = ways.oidc || ways.kerberos?.browser; // the browser can do what the desktop cannot
  const more = away || (ways.portal && (only || app.browser));
  if (!ticket && !more) return null;
  return (
    <div class={css.company}>
      {!only && (
        <p class={css.or} aria-hidden="true">
          {say("view.signin.or")}
        </p>
      )}
      {ticket && <Ticket app={app} way={ticket} first={only} />}
      {!more ? null : app.browser ? (
        <ByBrowser app={app} label={away ? labelOf(ways) : say("view.signin.browser")} first={only && !ticket} />
      ) : ways.oidc ? (
        <Button
          kind={only && !ticket ? "primary" : "plain"}
          wide
          onClick={() => location.assign(`/api/v1/auth/oidc${asking()}`)}
        >
          {labelOf(ways)}
        </Button>
      ) : (
        <p class={css.say}>{say("view.signin.portalOnly")}</p>
      )}
    </div>
  );
}

// asking is what the desktop application asked of this browser, or the room that the address names, for the way back.
function asking(): string {
  const { asked } = entry.value;
  const room = /^#\/room\/([^/]+)/.exec(location.hash)?.[1];
  if (asked) return `?${new URLSearchParams({ vouch: asked.challenge, port: `${asked.port}`, state: asked.state })}`;
  return room ? `?room=${room}` : "";
}

// ByBrowser lets the browser of this machine do it: there one is signed in already, or can be.
function ByBrowser({ app, label, first }: { readonly app: App; readonly label: string; readonly first: boolean }) {
  const [number, setNumber] = useState("");
  const [failed, setFailed] = useState(false);
  const { browser } = app;
  const go = async () => {
    setFailed(false);
    const asked = await browser?.ask();
    if (!asked) return setFailed(true);
    setNumber(asked);
    const done = await browser?.wait(asked);
    if (done === "in") app.recheck();
    else if (done === "late") {
      setNumber("");
      setFailed(true);
    }
  };
  return (
    <>
      {failed && (
        <p class={css.error} role="alert">
          {say("view.signin.tooLong")}
        </p>
      )}
      {number ? (
        <div class={css.form} role="status">
          <p class={css.say}>{say("view.signin.inBrowser")}</p>
          <output class={css.number} aria-label={say("view.vouch.number")}>
            {number}
          </output>
          <Button wide onClick={() => void go()}>
            {say("view.signin.again")}
          </Button>
        </div>
      ) : (
        <Button kind={first ? "primary" : "plain"} wide onClick={() => void go()}>
          {label}
        </Button>
      )}
    </>
  );
}
