// Deliveries lists the data sets that were delivered: when, by whom, how large, and which were made true.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { DeliveriesPage, Delivery, ErrorCode } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Filter } from "../ListHead.tsx";
import { Pages } from "../Pages.tsx";
import { Sure } from "../Sure.tsx";
import { useNewest } from "../useNewest.ts";
import { sayWho } from "./acts.ts";
import css from "./admin.module.css";

const page = 10;
type Sort = "at" | "key" | "who" | "people";

interface Props {
  readonly app: App;
  // news changes when the list has to be read again.
  readonly news: number;
  readonly pick: (set: Delivery) => void;
  readonly gone: (key: string) => void;
}

export function Deliveries({ app, news, pick, gone }: Props) {
  const [q, setQ] = useState("");
  const [sort, setSort] = useState<{ readonly by: Sort; readonly back: boolean }>({ by: "at", back: true });
  const [from, setFrom] = useState(0);
  const [list, set] = useState<DeliveriesPage | null>(null);
  const [error, setError] = useState<ErrorCode | null>(null);
  const [drop, setDrop] = useState<Delivery | null>(null);
  const newest = useNewest();
  const load = useCallback(async () => {
    const query = new URLSearchParams({
      q,
      sort: `${sort.back ? "-" : ""}${sort.by}`,
      cursor: String(from),
      limit: String(page),
    });
    const a = await newest(app.http.get<DeliveriesPage>(`admin/feed/sets?${query}`));
    if (!a) return;
    setError(a.error?.code ?? null);
    if (a.data) set(a.data);
  }, [app, newest, q, sort, from]);
  useEffect(() => {
    const timer = setTimeout(() => void load(), q ? 150 : 0);
    return () => clearTimeout(timer);
  }, [load, q, news]);
  const remove = async (): Promise<ErrorCode | null> => {
    if (!drop) return null;
    const a = await app.http.drop(`admin/feed/sets/${encodeURIComponent(drop.key)}`);
    if (a.error) return a.error.code;
    gone(drop.key);
    if (list?.sets.length === 1) setFrom(Math.max(0, from - page));
    await load();
    return null;
  };
  const head = (by: Sort, text: string) => {
    const on = sort.by === by;
    return (
      <th aria-sort={on ? (sort.back ? "descending" : "ascending") : undefined}>
        <button
          type="button"
          onClick={() => {
            setSort({ by, back: on ? !sort.back : by === "at" || by === "people" });
            setFrom(0);
          }}
        >
          {text}
          {on && (sort.back ? " ↓" : " ↑")}
        </button>
      </th>
    );
  };
  const time = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const when = (at: string | undefined) => (at ? time.format(new Date(at)) : "–");
  return (
    <section class={css.stack} aria-label={say("admin.feed.sets")}>
      <h3>{say("admin.feed.sets")}</h3>
      <div class={css.tools}>
        <Filter
          label={say("admin.feed.sets.find")}
          value={q}
          onValue={(v) => {
            setQ(v);
            setFrom(0);
          }}
        />
      </div>
      {error && (
        <p role="alert" class={css.error}>
          {sayError(error)} <Button onClick={() => void load()}>{say("admin.again")}</Button>
        </p>
      )}
      {list?.sets.length === 0 ? (
        <p class={css.empty}>{say(q ? "admin.comings.none" : "admin.feed.sets.none")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <div class={css.sideways} tabIndex={0} role="group" aria-label={say("admin.feed.sets")}>
          <table class={css.table}>
            <thead>
              <tr>
                {head("at", say("admin.feed.set.at"))}
                {head("who", say("admin.feed.set.who"))}
                {head("people", say("admin.feed.set.size"))}
                {head("key", say("admin.feed.set.key"))}
                <th>{say("admin.feed.set.applied")}</th>
                <th>{say("admin.col.acts")}</th>
              </tr>
            </thead>
            <tbody>
              {list?.sets.map((s) => (
                <tr key={s.key} data-set={s.key}>
                  <td>{when(s.at)}</td>
                  <td>{s.who ? sayWho(s.who) : say("admin.feed.set.direct")}</td>
                  <td>
                    {say("admin.feed.set.counts", { units: s.orgs.toLocaleString(), people: s.users.toLocaleString() })}
                  </td>
                  <td>{s.key}</td>
                  <td>{when(s.applied)}</td>
                  <td class={css.marks}>
                    <Button onClick={() => pick(s)}>{say("admin.feed.set.pick")}</Button>
                    <Button kind="danger" onClick={() => setDrop(s)}>
                      {say("admin.feed.set.drop")}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {list && list.total > page && (
        <Pages from={from} shown={list.sets.length} of={list.total} page={page} go={setFrom} />
      )}
      {drop && (
        <Sure
          title="admin.feed.set.sure"
          about="admin.feed.set.sure.about"
          args={{ key: drop.key }}
          go="admin.feed.set.drop"
          act={remove}
          close={() => setDrop(null)}
        />
      )}
    </section>
  );
}
