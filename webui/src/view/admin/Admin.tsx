// Admin is where those with a role look after accounts, settings and the server.
import { useState } from "preact/hooks";
import type { Role } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say } from "../../text/say.ts";
import { Accounts } from "./Accounts.tsx";
import { Audit } from "./Audit.tsx";
import css from "./admin.module.css";
import { Comings } from "./Comings.tsx";
import { Feed } from "./Feed.tsx";
import { Holidays } from "./Holidays.tsx";
import { Limits } from "./Limits.tsx";
import { Notice } from "./Notice.tsx";
import { Health, PolicyForm } from "./Rules.tsx";
import { Units } from "./Units.tsx";
import { Versions } from "./Versions.tsx";

const all = [
  ["accounts", "helpdesk"],
  ["org", "admin"],
  ["feed", "admin"],
  ["notice", "admin"],
  ["holidays", "admin"],
  ["limits", "admin"],
  ["policy", "admin"],
  ["versions", "helpdesk"],
  ["comings", "admin"],
  ["audit", "admin"],
  ["health", "helpdesk"],
] as const satisfies readonly (readonly [string, Role])[];
type Part = (typeof all)[number][0];

const rank = (r: Role | undefined): number => ["helpdesk", "admin", "owner"].indexOf(r ?? "");

export function Admin({ app }: { readonly app: App }) {
  const [part, go] = useState<Part>("accounts");
  const mine = rank(app.me.value?.role);
  return (
    <>
      <nav class={css.nav} aria-label={say("admin")}>
        <h1>{say("admin")}</h1>
        {all
          .filter(([, least]) => mine >= rank(least))
          .map(([p]) => (
            <button key={p} type="button" aria-current={p === part ? "page" : undefined} onClick={() => go(p)}>
              {say(`admin.${p}`)}
            </button>
          ))}
      </nav>
      <div class={css.part}>
        {part === "accounts" && <Accounts app={app} edits={mine >= 1} owner={mine >= 2} />}
        {part === "org" && <Units app={app} />}
        {part === "feed" && <Feed app={app} />}
        {part === "holidays" && <Holidays app={app} />}
        {part === "notice" && <Notice app={app} />}
        {part === "limits" && <Limits app={app} />}
        {part === "comings" && <Comings app={app} />}
        {part === "policy" && <PolicyForm app={app} />}
        {part === "versions" && <Versions app={app} edits={mine >= 1} />}
        {part === "audit" && <Audit app={app} />}
        {part === "health" && <Health app={app} />}
      </div>
    </>
  );
}
