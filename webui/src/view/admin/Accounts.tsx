// Accounts lists everybody who can sign in, and opens one to look after it.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Account, AccountsPage, ErrorCode, OneTimes } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Awaited } from "../Awaited.tsx";
import { Filter } from "../ListHead.tsx";
import { Pages } from "../Pages.tsx";
import { Sure } from "../Sure.tsx";
import { useNewest } from "../useNewest.ts";
import { short } from "../when.ts";
import { AccountSheet } from "./AccountSheet.tsx";
import css from "./admin.module.css";
import { NewAccountSheet } from "./NewAccountSheet.tsx";
import { save } from "./save.ts";

const states = ["", "active", "closed", "locked", "manual", "synced", "staff", "empty", "signedin"] as const;
const page = 50;

interface Props {
  readonly app: App;
  readonly edits: boolean;
  readonly owner: boolean;
}

export function Accounts({ app, edits, owner }: Props) {
  const [q, setQ] = useState("");
  const [state, setState] = useState<(typeof states)[number]>("");
  const [sort, setSort] = useState("name");
  const [from, setFrom] = useState(0);
  const [list, set] = useState<AccountsPage | null>(null);
  const [error, setError] = useState<ErrorCode | null>(null);
  const [empty, setEmpty] = useState(0);
  const [done, setDone] = useState<string | null>(null);
  const [open, setOpen] = useState<Account | "new" | null>(null);
  const newest = useNewest();
  const load = useCallback(async () => {
    const query = new URLSearchParams({ q, state, sort, cursor: String(from), limit: String(page) });
    const a = await newest(app.http.get<AccountsPage>(`admin/accounts?${query}`));
    if (!a) return;
    setError(a.error?.code ?? null);
    if (a.data) set(a.data);
  }, [app, newest, q, state, sort, from]);
  useEffect(() => {
    const timer = setTimeout(() => void load(), q ? 150 : 0);
    return () => clearTimeout(timer);
  }, [load, q]);
  const anew =
    <T,>(change: (v: T) => void) =>
    (v: T) => {
      change(v);
      setFrom(0);
    };
  const first = async () => {
    const a = await app.http.get<AccountsPage>("admin/accounts?state=empty&limit=1");
    setError(a.error?.code ?? null);
    if (!a.data) return;
    if (a.data.total === 0) setDone(say("admin.once.all.none"));
    else setEmpty(a.data.total);
  };
  // What was made stands nowhere else, so it is saved even when a later part fails.
  const make = async (): Promise<ErrorCode | null> => {
    const rows: string[][] = [["id", "password"]];
    let failed: ErrorCode | null = null;
    for (let left = 1; left > 0 && !failed; ) {
      const a = await app.http.post<OneTimes>("admin/passwords", {});
      if (a.error) failed = a.error.code;
      else {
        rows.push(...a.data.people.map((p) => [p.id, p.password ?? ""]));
        left = a.data.people.length && a.data.left;
      }
    }
    if (rows.length > 1) {
      save("passwords.csv", rows);
      setDone(say("admin.once.all.done", { n: rows.length - 1 }));
    }
    await load();
    return failed;
  };
  // The other way round when it is in this order already. Of times the last comes first.
  const turned = (key: string): string => {
    if (sort === key) return `-${key}`;
    return key === "used" && sort !== "-used" ? "-used" : key;
  };
  const head = (key: "name" | "id" | "org" | "state" | "used", text: string) => {
    const on = sort === key || sort === `-${key}`;
    return (
      <th aria-sort={on ? (sort.startsWith("-") ? "descending" : "ascending") : undefined}>
        <button type="button" onClick={() => anew(setSort)(turned(key))}>
          {text}
          {on && (sort.startsWith("-") ? " ↓" : " ↑")}
        </button>
      </th>
    );
  };
  return (
    <>
      <div class={css.tools}>
        <Filter label={say("admin.accounts.find")} value={q} onValue={anew(setQ)} />
        <select
          aria-label={say("admin.accounts.state")}
          value={state}
          onChange={(e) => anew(setState)(e.currentTarget.value as typeof state)}
        >
          {states.map((s) => (
            <option key={s} value={s}>
              {say(`admin.state.${s || "all"}`)}
            </option>
          ))}
        </select>
        {edits && <Button onClick={() => void first()}>{say("admin.once.all")}</Button>}
        {edits && (
          <Button kind="primary" onClick={() => setOpen("new")}>
            {say("admin.accounts.new")}
          </Button>
        )}
      </div>
      {error && list && (
        <p role="alert" class={css.error}>
          {sayError(error)} <Button onClick={() => void load()}>{say("admin.again")}</Button>
        </p>
      )}
      {done && <p role="status">{done}</p>}
      {!list ? (
        <Awaited error={error && sayError(error)} again={() => void load()} />
      ) : list.accounts.length === 0 ? (
        <p class={css.empty}>{say("admin.accounts.none")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <section key={`${q} ${from}`} class={css.scroll} tabIndex={0} aria-label={say("admin.accounts")}>
          <table class={css.table}>
            <thead>
              <tr>
                {head("name", say("admin.col.name"))}
                {head("id", say("admin.col.id"))}
                {head("org", say("admin.col.org"))}
                {head("state", say("admin.col.state"))}
                {head("used", say("admin.col.used"))}
              </tr>
            </thead>
            <tbody>
              {list.accounts.map((a) => (
                <tr key={a.id} data-account={a.id}>
                  <td>
                    <button type="button" class={css.open} onClick={() => setOpen(a)}>
                      {a.name}
                    </button>
                  </td>
                  <td>{a.id}</td>
                  <td>{[a.orgName, a.job].filter(Boolean).join(" · ")}</td>
                  <td>
                    <Marks of={a} />
                  </td>
                  <td>{a.used ? short(a.used) : "–"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {list && list.total > 0 && (
        <Pages from={from} shown={list.accounts.length} of={list.total} page={page} go={setFrom} />
      )}
      {empty > 0 && (
        <Sure
          title="admin.once.all.sure"
          about="admin.once.all.about"
          args={{ n: empty }}
          go="admin.once.all.go"
          act={make}
          close={() => setEmpty(0)}
        />
      )}
      {open === "new" && (
        <NewAccountSheet
          app={app}
          owner={owner}
          close={() => {
            setOpen(null);
            void load();
          }}
        />
      )}
      {open && open !== "new" && (
        <AccountSheet
          app={app}
          of={open}
          edits={edits}
          owner={owner}
          close={() => {
            setOpen(null);
            void load();
          }}
        />
      )}
    </>
  );
}

export function Marks({ of: a }: { readonly of: Account }) {
  return (
    <span class={css.marks}>
      {!a.active && <span class={css.closed}>{say("admin.state.closed")}</span>}
      {a.locked && <span class={css.locked}>{say("admin.state.locked")}</span>}
      {a.role && <span class={css.role}>{say(`admin.role.${a.role}`)}</span>}
      {a.synced && <span>{say("admin.state.synced")}</span>}
      {a.factor && <span>{say("admin.mark.factor")}</span>}
      {a.devices > 0 && <span>{say("admin.mark.devices", { n: a.devices })}</span>}
    </span>
  );
}
