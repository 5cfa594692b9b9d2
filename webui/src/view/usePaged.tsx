// usePaged makes a long list bearable where the server hands it out whole: search, order and pages appear once there
// is something to search, order and turn over.
import { type ComponentChildren, Fragment } from "preact";
import { useState } from "preact/hooks";
import { type Key, say } from "../text/say.ts";
import { Filter } from "./ListHead.tsx";
import { Pages } from "./Pages.tsx";
import css from "./settings.module.css";

const few = 5;
const page = 10;

interface Order<T> {
  readonly name: Key;
  readonly by: (a: T, b: T) => number;
}

interface Paged<T> {
  readonly shown: readonly T[];
  readonly above: ComponentChildren;
  readonly below: ComponentChildren;
}

export function usePaged<T>(
  all: readonly T[],
  label: string,
  words: (of: T) => string,
  orders: readonly [Order<T>, ...Order<T>[]],
): Paged<T> {
  const [q, setQ] = useState("");
  const [order, setOrder] = useState(0);
  const [at, setAt] = useState(0);
  const found = all
    .filter((x) => words(x).toLowerCase().includes(q.trim().toLowerCase()))
    .sort((orders[order] ?? orders[0]).by);
  const from = at < found.length ? at : 0; // what was removed may have emptied the last page
  const shown = found.slice(from, from + page);
  const above = all.length > few && (
    <div class={css.tools}>
      <Filter
        label={label}
        value={q}
        onValue={(v) => {
          setQ(v);
          setAt(0);
        }}
      />
      <select
        aria-label={say("view.sort")}
        value={order}
        onChange={(e) => {
          setOrder(Number(e.currentTarget.value));
          setAt(0);
        }}
      >
        {orders.map((o, i) => (
          <option key={o.name} value={i}>
            {say(o.name)}
          </option>
        ))}
      </select>
    </div>
  );
  const below = (
    <Fragment>
      {all.length > 0 && found.length === 0 && <p class={css.soft}>{say("view.list.notFound", { q })}</p>}
      {found.length > page && <Pages from={from} shown={shown.length} of={found.length} page={page} go={setAt} />}
    </Fragment>
  );
  return { shown, above, below };
}

export const byText =
  <T,>(of: (x: T) => string) =>
  (a: T, b: T): number =>
    of(a).localeCompare(of(b));
