// UnitPick chooses a unit of the organisation, in its order, each below the one that it belongs to.
import { useEffect, useState } from "preact/hooks";
import type { Fault, OrgPage, OrgUnit } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import css from "./admin.module.css";

interface Props {
  readonly app: App;
  readonly label: string;
  readonly value: string;
  readonly onPick: (code: string) => void;
  // without is a unit that is not offered, nor what is below it.
  readonly without?: string;
  readonly none: string;
  readonly error?: string | null;
}

// sayPlaced says why somebody was not changed: a unit may have gone since the list was read.
export function sayPlaced(f: Fault): string {
  return f.code === "not_found" && (f.field === "org" || f.field === "posts") ? say("admin.noUnit") : sayError(f.code);
}

export function UnitPick({ app, label, value, onPick, without, none, error }: Props) {
  const [units, set] = useState<readonly OrgUnit[]>([]);
  useEffect(() => {
    void app.http.get<OrgPage>("org?all=1").then((a) => a.data && set(a.data.units));
  }, [app]);
  const offered = without === undefined ? units : outside(units, without);
  const level = Math.min(...units.map((u) => u.level));
  return (
    <label class={css.pick}>
      {label}
      <select class={css.unit} value={value} onChange={(e) => onPick(e.currentTarget.value)}>
        <option value="">{none}</option>
        {value !== "" && !offered.some((u) => u.code === value) && <option value={value}>{value}</option>}
        {offered.map((u) => (
          <option key={u.code} value={u.code}>
            {`${"\u2003".repeat(u.level - level)}${u.name}`}
          </option>
        ))}
      </select>
      {error && (
        <span role="alert" class={css.error}>
          {error}
        </span>
      )}
    </label>
  );
}

// outside is all but the branch of a unit.
function outside(units: readonly OrgUnit[], code: string): readonly OrgUnit[] {
  const branch = new Set([code]);
  for (const u of units) if (u.under && branch.has(u.under)) branch.add(u.code);
  return units.filter((u) => !branch.has(u.code));
}
