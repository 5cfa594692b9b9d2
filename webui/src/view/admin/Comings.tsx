// Comings is the log of who signed in and out, was refused, and was connected for how long.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Coming, ComingsPage, ErrorCode } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { type Key, say, sayError } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Awaited } from "../Awaited.tsx";
import { agent } from "../agent.ts";
import { Filter } from "../ListHead.tsx";
import pages from "../pages.module.css";
import { useNewest } from "../useNewest.ts";
import css from "./admin.module.css";

const kinds = ["", "signin", "signout", "ended", "refused", "conn"] as const;
const devices = ["", "web", "desktop", "mobile"] as const;
const whys: Readonly<Record<string, Key>> = {
  bad_credentials: "admin.why.bad_credentials",
  locked: "admin.why.locked",
  rate_limited: "admin.why.rate_limited",
  left: "admin.why.left",
  "new password": "admin.why.password",
  "token used twice": "admin.why.token",
};

export function Comings({ app }: { readonly app: App }) {
  const [q, setQ] = useState("");
  const [kind, setKind] = useState("");
  const [device, setDevice] = useState("");
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const [oldest, setOldest] = useState(false);
  const [lines, set] = useState<readonly Coming[] | null>(null);
  const [more, setMore] = useState(false);
  const [error, setError] = useState<ErrorCode | null>(null);
  const query = new URLSearchParams({ q, kind, device, since, until, sort: oldest ? "at" : "-at" }).toString();
  const newest = useNewest();
  const load = useCallback(
    async (after?: string) => {
      const a = await newest(
        app.http.get<ComingsPage>(`admin/comings?${query}&limit=100${after ? `&cursor=${after}` : ""}`),
      );
      if (!a) return;
      setError(a.error?.code ?? null);
      if (!a.data) return;
      const page = a.data;
      set((now) => [...(after ? (now ?? []) : []), ...page.lines]);
      setMore(page.more);
    },
    [app, newest, query],
  );
  useEffect(() => {
    const timer = setTimeout(() => void load(), 150);
    return () => clearTimeout(timer);
  }, [load]);
  const time = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
  const choose = (
    label: string,
    value: string,
    on: (v: string) => void,
    all: readonly (readonly [string, string])[],
  ) => (
    <select aria-label={label} value={value} onChange={(e) => on(e.currentTarget.value)}>
      {all.map(([v, name]) => (
        <option key={v} value={v}>
          {name}
        </option>
      ))}
    </select>
  );
  const date = (label: string, value: string, on: (v: string) => void) => (
    <input type="date" aria-label={label} value={value} onChange={(e) => on(e.currentTarget.value)} />
  );
  return (
    <>
      <div class={css.tools}>
        <Filter label={say("admin.comings.find")} value={q} onValue={setQ} />
        {choose(
          say("admin.comings.kind"),
          kind,
          setKind,
          kinds.map((k) => [k, say(`admin.coming.${k || "all"}`)]),
        )}
        {choose(
          say("admin.comings.device"),
          device,
          setDevice,
          devices.map((d) => [d, say(`admin.device.${d || "all"}`)]),
        )}
        {date(say("view.profile.from"), since, setSince)}
        {date(say("view.profile.to"), until, setUntil)}
        <a class={css.export} href={`api/v1/admin/comings.csv?${query}`} download="connections.csv">
          {say("admin.audit.export")}
        </a>
      </div>
      {error && lines && (
        <p role="alert" class={css.error}>
          {sayError(error)} <Button onClick={() => void load()}>{say("admin.again")}</Button>
        </p>
      )}
      {!lines ? (
        <Awaited error={error && sayError(error)} again={() => void load()} />
      ) : lines.length === 0 ? (
        <p class={css.empty}>{say("admin.comings.none")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <section class={css.scroll} tabIndex={0} aria-label={say("admin.comings")}>
          <table class={css.table}>
            <thead>
              <tr>
                <th aria-sort={oldest ? "ascending" : "descending"}>
                  <button type="button" onClick={() => setOldest(!oldest)}>
                    {say("admin.col.at")} {oldest ? "↑" : "↓"}
                  </button>
                </th>
                <th>{say("admin.comings.kind")}</th>
                <th>{say("admin.audit.who")}</th>
                <th>{say("admin.comings.device")}</th>
                <th>{say("admin.col.address")}</th>
                <th>{say("admin.col.long")}</th>
                <th>{say("admin.col.why")}</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((l) => (
                <tr key={l.id} data-coming={l.kind}>
                  <td>{time.format(new Date(l.at))}</td>
                  <td>{say(`admin.coming.${l.kind}`)}</td>
                  <td>{l.user ? [l.name, l.user].filter(Boolean).join(" · ") : say("admin.comings.unknown")}</td>
                  <td title={l.agent}>
                    {[l.device && say(`admin.device.${l.device}`), agent(l.agent)].filter(Boolean).join(" · ")}
                  </td>
                  <td>{l.address}</td>
                  <td>{l.kind === "conn" ? long(l.seconds) : ""}</td>
                  <td class={css.about}>{why(l.why)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {more && (
        <div class={pages.pages}>
          <Button onClick={() => void load(lines?.at(-1)?.id)}>{say("admin.audit.more")}</Button>
        </div>
      )}
    </>
  );
}

// why is said in words where we know them; "by ID" names who ended it.
function why(text: string | undefined): string {
  if (!text) return "";
  const known = whys[text];
  if (known) return say(known);
  const by = /^(?:account closed |password reset )?by (.+)$/.exec(text);
  return by?.[1]
    ? say(
        text.startsWith("by") ? "admin.why.by" : text.startsWith("account") ? "admin.why.closed" : "admin.why.reset",
        { who: by[1] },
      )
    : text;
}

function long(seconds: number): string {
  if (seconds < 0) return say("admin.comings.still");
  const h = Math.floor(seconds / 3600);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${h}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
}
