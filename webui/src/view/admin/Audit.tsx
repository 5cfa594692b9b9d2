// Audit is the log of what was done to accounts and settings, newest first.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { AuditLine, AuditPage, ErrorCode } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Awaited } from "../Awaited.tsx";
import { Filter } from "../ListHead.tsx";
import pages from "../pages.module.css";
import { useNewest } from "../useNewest.ts";
import { details, kinds, sayAct, sayWho } from "./acts.ts";
import css from "./admin.module.css";

export function Audit({ app }: { readonly app: App }) {
  const [who, setWho] = useState("");
  const [target, setTarget] = useState("");
  const [act, setAct] = useState("");
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const [oldest, setOldest] = useState(false);
  const [lines, set] = useState<readonly AuditLine[] | null>(null);
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const [more, setMore] = useState(false);
  const [error, setError] = useState<ErrorCode | null>(null);
  const query = new URLSearchParams({ who, target, act, since, until, sort: oldest ? "at" : "-at" }).toString();
  const newest = useNewest();
  const load = useCallback(
    async (before?: number) => {
      const a = await newest(
        app.http.get<AuditPage>(`admin/audit?${query}&limit=100${before ? `&before=${before}` : ""}`),
      );
      if (!a) return;
      setError(a.error?.code ?? null);
      if (!a.data) return;
      const page = a.data;
      set((now) => [...(before ? (now ?? []) : []), ...page.lines]);
      setNames((now) => new Map([...now, ...(page.people ?? []).map((p) => [p.id, p.name] as const)]));
      setMore(page.more);
    },
    [app, newest, query],
  );
  useEffect(() => {
    const timer = setTimeout(() => void load(), 150);
    return () => clearTimeout(timer);
  }, [load]);
  const named = (id: string): string => {
    const name = names.get(id);
    return name ? `${name} · ${id}` : sayWho(id);
  };
  const time = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });
  return (
    <>
      <div class={css.tools}>
        <Filter label={say("admin.audit.findWho")} value={who} onValue={setWho} />
        <Filter label={say("admin.audit.findTarget")} value={target} onValue={setTarget} />
        <select aria-label={say("admin.audit.act")} value={act} onChange={(e) => setAct(e.currentTarget.value)}>
          {kinds.map(([a, name]) => (
            <option key={a} value={a}>
              {say(name)}
            </option>
          ))}
        </select>
        <input
          type="date"
          aria-label={say("view.profile.from")}
          value={since}
          onChange={(e) => setSince(e.currentTarget.value)}
        />
        <input
          type="date"
          aria-label={say("view.profile.to")}
          value={until}
          onChange={(e) => setUntil(e.currentTarget.value)}
        />
        <a class={css.export} href={`api/v1/admin/audit.csv?${query}`} download="audit.csv">
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
        <p class={css.empty}>{say("admin.audit.none")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <section class={css.scroll} tabIndex={0} aria-label={say("admin.audit")}>
          <table class={css.table}>
            <thead>
              <tr>
                <th aria-sort={oldest ? "ascending" : "descending"}>
                  <button type="button" onClick={() => setOldest(!oldest)}>
                    {say("admin.col.at")} {oldest ? "↑" : "↓"}
                  </button>
                </th>
                <th>{say("admin.audit.by")}</th>
                <th>{say("admin.audit.act")}</th>
                <th>{say("admin.audit.target")}</th>
                <th>{say("admin.col.about")}</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((l) => (
                <tr key={l.n}>
                  <td>{time.format(new Date(l.at))}</td>
                  <td>{named(l.who)}</td>
                  <td title={l.act}>{sayAct(l.act)}</td>
                  <td>{named(l.target ?? "")}</td>
                  <td class={css.about}>{details(l.about ?? "")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {more && (
        <div class={pages.pages}>
          <Button onClick={() => void load(lines?.at(-1)?.n)}>{say("admin.audit.more")}</Button>
        </div>
      )}
    </>
  );
}
