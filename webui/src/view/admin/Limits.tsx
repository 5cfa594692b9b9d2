// Limits is what owners and administrators may change while the server runs. What the server's own settings fix is shown, locked.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { ErrorCode, LimitName, LimitsPage, SetLimit, TunedLimit } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Awaited } from "../Awaited.tsx";
import { Sure } from "../Sure.tsx";
import css from "./admin.module.css";

// The units in which people write a limit, the largest first.
const units = {
  bytes: [
    ["TB", 2 ** 40],
    ["GB", 2 ** 30],
    ["MB", 2 ** 20],
  ],
  seconds: [
    ["admin.unit.days", 86_400],
    ["admin.unit.hours", 3600],
    ["admin.unit.minutes", 60],
  ],
} as const;
type Unit = (typeof units)[keyof typeof units][number];

const unitName = (u: Unit[0], n = 2): string => (u === "TB" || u === "GB" || u === "MB" ? u : say(u, { n }));

// best is the largest unit that leaves no rest.
function best(kind: "bytes" | "seconds", v: number): Unit {
  const all: readonly Unit[] = units[kind];
  return all.find(([, size]) => v > 0 && v % size === 0) ?? (v === 0 ? (all[1] as Unit) : (all.at(-1) as Unit));
}

function words(of: TunedLimit, v: number): string {
  if (of.kind === "switch") return say(v ? "admin.limit.on" : "admin.limit.off");
  if (v === 0 && of.zero) return say(`admin.limit.zero.${of.name}`);
  if (of.kind === "number") return v.toLocaleString();
  const [name, size] = best(of.kind, v);
  const n = (v / size).toLocaleString();
  const unit = unitName(name, v / size);
  return of.kind === "bytes" ? `${n} ${unit}` : say("admin.limit.time", { n, unit });
}

interface Draft {
  readonly n: string;
  readonly size: number;
  readonly preset?: boolean;
}

export function Limits({ app }: { readonly app: App }) {
  const [page, set] = useState<LimitsPage | null>(null);
  const [drafts, setDrafts] = useState<Readonly<Partial<Record<LimitName, Draft>>>>({});
  const [error, setError] = useState<ErrorCode | null>(null);
  const [bad, setBad] = useState<string | null>(null);
  const [saved, setSaved] = useState(false);
  const [life, setLife] = useState<string | null>(null);
  const load = useCallback(async () => {
    const a = await app.http.get<LimitsPage>("admin/limits");
    setError(a.error?.code ?? null);
    if (a.data) set(a.data);
  }, [app]);
  useEffect(() => void load(), [load]);
  if (!page) return <Awaited error={error && sayError(error)} again={() => void load()} />;
  const draft = (name: LimitName, d: Draft) => {
    setDrafts({ ...drafts, [name]: d });
    setSaved(false);
    setBad(null);
  };
  const amount = (d: Draft): number => (d.n.trim() === "" ? Number.NaN : Math.round(Number(d.n) * d.size));
  const good = (of: TunedLimit, v: number) => (v >= of.least && v <= of.most) || (v === 0 && of.zero);
  const changes = page.limits.flatMap((of): SetLimit[] => {
    const d = drafts[of.name];
    if (!d) return [];
    if (d.preset) return of.set ? [{ name: of.name, value: 0, preset: true }] : [];
    return amount(d) === of.value ? [] : [{ name: of.name, value: amount(d) }];
  });
  const wrong = page.limits.some((of) => {
    const d = drafts[of.name];
    return d && !d.preset && !good(of, amount(d));
  });
  const save = async (): Promise<ErrorCode | null> => {
    const a = await app.http.put<LimitsPage>("admin/limits", { limits: changes });
    setError(a.error?.code ?? null);
    setBad(a.error?.field ?? null);
    if (!a.data) return a.error.code;
    set(a.data);
    setDrafts({});
    setSaved(true);
    return null;
  };
  // What will be deleted cannot be brought back, so it is said before.
  const submit = () => {
    const of = page.limits.find((l) => l.name === "message-life");
    const next = changes.find((c) => c.name === "message-life");
    const value = next?.preset ? (of?.preset ?? 0) : (next?.value ?? 0);
    if (of && value > 0 && (of.value === 0 || value < of.value)) setLife(words(of, value));
    else void save();
  };
  return (
    <form
      class={css.limits}
      onSubmit={(e) => {
        e.preventDefault();
        submit();
      }}
    >
      <p class={css.soft}>{say("admin.limits.about")}</p>
      {page.limits.map((of) => (
        <Row
          key={of.name}
          of={of}
          draft={drafts[of.name]}
          good={(v) => good(of, v)}
          bad={bad === of.name}
          onDraft={(d) => draft(of.name, d)}
        />
      ))}
      {error && (
        <p role="alert" class={css.error}>
          {bad ? say("admin.limits.refused", { name: say(`admin.limit.${bad as LimitName}`) }) : sayError(error)}
        </p>
      )}
      <div class={css.acts}>
        <Button type="submit" kind="primary" disabled={changes.length === 0 || wrong}>
          {say("view.profile.save")}
        </Button>
        {saved && <span role="status">{say("admin.limits.saved")}</span>}
      </div>
      {life && (
        <Sure
          title="admin.limits.retire"
          about="admin.limits.retire.about"
          args={{ life }}
          go="admin.limits.retire.go"
          act={save}
          close={() => setLife(null)}
        />
      )}
    </form>
  );
}

interface RowProps {
  readonly of: TunedLimit;
  readonly draft: Draft | undefined;
  readonly good: (v: number) => boolean;
  readonly bad: boolean;
  readonly onDraft: (d: Draft) => void;
}

function Row({ of, draft, good, bad, onDraft }: RowProps) {
  const measured = of.kind === "bytes" || of.kind === "seconds" ? of.kind : null;
  const shown = draft?.preset ? of.preset : of.value;
  const size = draft && !draft.preset ? draft.size : measured ? best(measured, shown)[1] : 1;
  const n = draft && !draft.preset ? draft.n : String(shown / size);
  const typed = Math.round(Number(n) * size);
  const invalid = bad || n.trim() === "" || !good(typed);
  const about = `limit-${of.name}`;
  const range =
    of.kind === "switch" ? "" : say("admin.limit.range", { least: words(of, of.least), most: words(of, of.most) });
  const zero =
    of.zero && of.kind !== "switch" ? say("admin.limit.zero", { what: say(`admin.limit.zero.${of.name}`) }) : "";
  return (
    <div class={css.limit} data-limit={of.name}>
      <label for={`${about}-n`}>{say(`admin.limit.${of.name}`)}</label>
      <div class={css.value}>
        {of.kind === "switch" ? (
          <input
            id={`${about}-n`}
            type="checkbox"
            checked={n === "1"}
            disabled={of.fixed}
            onChange={(e) => onDraft({ n: e.currentTarget.checked ? "1" : "0", size: 1 })}
          />
        ) : (
          <input
            id={`${about}-n`}
            type="number"
            min={0}
            step="any"
            value={n}
            disabled={of.fixed}
            aria-invalid={invalid}
            aria-describedby={about}
            onInput={(e) => onDraft({ n: e.currentTarget.value, size })}
          />
        )}
        {measured && (
          <select
            aria-label={say("admin.limit.unit", { name: say(`admin.limit.${of.name}`) })}
            value={String(size)}
            disabled={of.fixed}
            onChange={(e) => onDraft({ n, size: Number(e.currentTarget.value) })}
          >
            {units[measured].map(([name, s]) => (
              <option key={name} value={String(s)}>
                {unitName(name, Number(n))}
              </option>
            ))}
          </select>
        )}
        {of.set && !draft && (
          <Button onClick={() => onDraft({ n: "", size: 1, preset: true })}>{say("admin.limit.reset")}</Button>
        )}
      </div>
      <p id={about} class={invalid ? css.error : css.soft}>
        {of.fixed
          ? say("admin.limit.fixed")
          : [say("admin.limit.preset", { value: words(of, of.preset) }), range, zero].filter(Boolean).join(" · ")}
      </p>
    </div>
  );
}
