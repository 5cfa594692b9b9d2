// Holidays is where administration says on which days the company rests. People may want quiet on them.
import { useCallback, useEffect, useState } from "preact/hooks";
import { type ErrorCode, type Holiday, type Holidays as List, limits } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { lang, say, sayError } from "../../text/say.ts";
import { Button, IconButton } from "../../ui/Controls.tsx";
import { Awaited } from "../Awaited.tsx";
import css from "./admin.module.css";
import { FilePick } from "./FilePick.tsx";
import { holidaysOf } from "./ics.ts";

const tidy = (list: readonly Holiday[]): readonly Holiday[] =>
  [...new Map([...list].reverse().map((h) => [h.date, h])).values()].sort((a, b) => (a.date < b.date ? -1 : 1));
const same = (a: readonly Holiday[], b: readonly Holiday[]): boolean =>
  a.length === b.length && a.every((h, i) => h.date === b[i]?.date && h.name === b[i]?.name);

export function Holidays({ app }: { readonly app: App }) {
  const [kept, setKept] = useState<readonly Holiday[] | null>(null);
  const [list, set] = useState<readonly Holiday[]>([]);
  const [error, setError] = useState<ErrorCode | null>(null);
  const [told, tell] = useState("");
  const [date, setDate] = useState("");
  const [name, setName] = useState("");
  const take = useCallback((to: List) => {
    setKept(to.holidays);
    set(to.holidays);
  }, []);
  const load = useCallback(async () => {
    const a = await app.http.get<List>("admin/holidays");
    setError(a.error?.code ?? null);
    if (a.data) take(a.data);
  }, [app, take]);
  useEffect(() => void load(), [load]);
  if (!kept) return <Awaited error={error && sayError(error)} again={() => void load()} />;
  const change = (to: readonly Holiday[], words = "") => {
    set(tidy(to));
    setError(null);
    tell(words);
  };
  const save = async () => {
    const a = await app.http.put<List>("admin/holidays", { holidays: list });
    setError(a.error?.code ?? null);
    if (!a.data) return;
    take(a.data);
    tell(say("admin.holidays.saved"));
  };
  const read = async (file: File) => {
    const got = file.size > 5 << 20 ? null : holidaysOf(await file.text(), new Date().getFullYear());
    const known = new Set(list.map((h) => h.date));
    const news = got?.holidays.filter((h) => !known.has(h.date)) ?? [];
    if (!got || got.holidays.length === 0) tell(say("admin.holidays.read.none"));
    else change([...list, ...news], say("admin.holidays.read", { n: news.length, left: got.left }));
  };
  const changed = !same(kept, list);
  const today = new Date().toLocaleDateString("sv"); // YYYY-MM-DD here
  const past = list.filter((h) => h.date < today);
  const coming = list.filter((h) => h.date >= today);
  const rows = (of: readonly Holiday[]) => (
    <ul class={css.devices}>
      {of.map((h) => (
        <li key={h.date}>
          <span>
            <time dateTime={h.date}>{dayWords(h.date)}</time> · {h.name}
          </span>
          <IconButton
            icon="x"
            size={18}
            label={say("admin.holidays.drop", { name: h.name, date: dayWords(h.date) })}
            onClick={() => change(list.filter((x) => x.date !== h.date))}
          />
        </li>
      ))}
    </ul>
  );
  return (
    <div class={css.form}>
      <p class={css.soft}>{say("admin.holidays.about")}</p>
      {coming.length > 0 ? rows(coming) : <p class={css.soft}>{say("admin.holidays.none")}</p>}
      {past.length > 0 && (
        <details>
          <summary>{say("admin.holidays.past", { n: past.length })}</summary>
          {rows(past)}
        </details>
      )}
      <form
        class={css.tools}
        onSubmit={(e) => {
          e.preventDefault();
          change([...list.filter((h) => h.date !== date), { date, name: name.trim() }]);
          setDate("");
          setName("");
        }}
      >
        <input
          type="date"
          required
          value={date}
          aria-label={say("admin.holidays.date")}
          onInput={(e) => setDate(e.currentTarget.value)}
        />
        <input
          class={css.grows}
          required
          maxLength={limits.holidayRunes}
          value={name}
          placeholder={say("admin.holidays.name")}
          aria-label={say("admin.holidays.name")}
          onInput={(e) => setName(e.currentTarget.value)}
        />
        <Button type="submit" disabled={!date || name.trim() === "" || list.length >= limits.holidays}>
          {say("admin.holidays.add")}
        </Button>
      </form>
      <FilePick label={say("admin.holidays.file")} accept=".ics,text/calendar" onPick={(file) => void read(file)} />
      <p class={css.soft}>{say("admin.holidays.file.about")}</p>
      {list.length > limits.holidays && (
        <p role="alert" class={css.error}>
          {say("admin.holidays.many", { n: limits.holidays })}
        </p>
      )}
      {error && (
        <p role="alert" class={css.error}>
          {sayError(error)}
        </p>
      )}
      <div class={css.acts}>
        <Button kind="primary" disabled={!changed || list.length > limits.holidays} onClick={() => void save()}>
          {say("view.profile.save")}
        </Button>
        {changed && <Button onClick={() => change(kept)}>{say("admin.holidays.revert")}</Button>}
        <span role="status">{told}</span>
      </div>
    </div>
  );
}

function dayWords(date: string): string {
  const form = new Intl.DateTimeFormat(lang.value === "ko" ? "ko-KR" : "en-GB", {
    year: "numeric",
    month: "long",
    day: "numeric",
    weekday: "short",
    timeZone: "UTC",
  });
  return form.format(new Date(`${date}T00:00:00Z`));
}
