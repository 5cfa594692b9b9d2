// Units lists the departments of the company, and keeps them by hand where no HR system does.
import { useCallback, useEffect, useState } from "preact/hooks";
import { type ErrorCode, limits, type UnitRow, type UnitsPage } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button, Field } from "../../ui/Controls.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Filter } from "../ListHead.tsx";
import { Pages } from "../Pages.tsx";
import { Sure } from "../Sure.tsx";
import css from "./admin.module.css";
import { UnitPick } from "./UnitPick.tsx";

const page = 50;
type Sort = "place" | "name" | "code" | "people";

export function Units({ app }: { readonly app: App }) {
  const [q, setQ] = useState("");
  const [sort, setSort] = useState<{ readonly by: Sort; readonly back: boolean }>({ by: "place", back: false });
  const [from, setFrom] = useState(0);
  const [list, set] = useState<UnitsPage | null>(null);
  const [error, setError] = useState<ErrorCode | null>(null);
  const [open, setOpen] = useState<UnitRow | "new" | null>(null);
  const load = useCallback(async () => {
    const query = new URLSearchParams({
      q,
      sort: `${sort.back ? "-" : ""}${sort.by}`,
      cursor: String(from),
      limit: String(page),
    });
    const a = await app.http.get<UnitsPage>(`admin/org?${query}`);
    setError(a.error?.code ?? null);
    if (a.data) set(a.data);
  }, [app, q, sort, from]);
  useEffect(() => {
    const timer = setTimeout(() => void load(), q ? 150 : 0);
    return () => clearTimeout(timer);
  }, [load, q]);
  const head = (by: Sort, text: string) => {
    const on = sort.by === by;
    return (
      <th aria-sort={on ? (sort.back ? "descending" : "ascending") : undefined}>
        <button
          type="button"
          onClick={() => {
            setSort({ by, back: on ? !sort.back : by === "people" });
            setFrom(0);
          }}
        >
          {text}
          {on && (sort.back ? " ↓" : " ↑")}
        </button>
      </th>
    );
  };
  const tree = sort.by === "place" && !sort.back && q === "";
  return (
    <>
      <p class={css.soft}>{say("admin.org.about")}</p>
      <div class={css.tools}>
        <Filter
          label={say("admin.org.find")}
          value={q}
          onValue={(v) => {
            setQ(v);
            setFrom(0);
          }}
        />
        <Button kind="primary" onClick={() => setOpen("new")}>
          {say("admin.org.new")}
        </Button>
      </div>
      {error && (
        <p role="alert" class={css.error}>
          {sayError(error)} <Button onClick={() => void load()}>{say("admin.again")}</Button>
        </p>
      )}
      {list?.units.length === 0 ? (
        <p class={css.empty}>{say(q ? "admin.org.notFound" : "admin.org.none")}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <section key={`${q} ${from}`} class={css.scroll} tabIndex={0} aria-label={say("admin.org")}>
          <table class={css.table}>
            <thead>
              <tr>
                {head("name", say("admin.org.name"))}
                {head("place", say("admin.org.under"))}
                {head("code", say("admin.org.code"))}
                {head("people", say("admin.org.people"))}
              </tr>
            </thead>
            <tbody>
              {list?.units.map((u) => (
                <tr key={u.code} data-row={u.code}>
                  <td style={tree ? { paddingInlineStart: `${12 + 20 * u.path.length}px` } : undefined}>
                    <button type="button" class={css.open} onClick={() => setOpen(u)}>
                      {u.name}
                    </button>
                  </td>
                  <td>{u.path.join(" › ")}</td>
                  <td>{u.code}</td>
                  <td>
                    {u.people === u.here
                      ? say("admin.org.here", { n: u.people.toLocaleString() })
                      : say("admin.org.below", { n: u.people.toLocaleString(), here: u.here.toLocaleString() })}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {list && list.total > 0 && (
        <Pages from={from} shown={list.units.length} of={list.total} page={page} go={setFrom} />
      )}
      {open && (
        <UnitSheet
          app={app}
          of={open === "new" ? null : open}
          close={() => {
            setOpen(null);
            void load();
          }}
        />
      )}
    </>
  );
}

// UnitSheet makes a unit, or changes, moves and removes one.
function UnitSheet({ app, of, close }: { readonly app: App; readonly of: UnitRow | null; readonly close: () => void }) {
  const [code, setCode] = useState(of?.code ?? "");
  const [name, setName] = useState(of?.name ?? "");
  const [under, setUnder] = useState(of?.under ?? "");
  const [wrong, setWrong] = useState<{ readonly field: string; readonly text: string } | null>(null);
  const [sure, setSure] = useState(false);
  const path = `admin/org/${encodeURIComponent(of?.code ?? "")}`;
  const changed = !of || name !== of.name || under !== (of.under ?? "");
  const go = async () => {
    const a = of
      ? await app.http.put(path, { name, under })
      : await app.http.post("admin/org", { code: code.trim(), name, under });
    if (!a.error) return close();
    setWrong({ field: a.error.field ?? "", text: why(a.error.code, a.error.field) });
  };
  const remove = async (): Promise<ErrorCode | null> => {
    const a = await app.http.drop(path);
    if (!a.error) {
      close();
      return null;
    }
    setWrong({ field: a.error.field ?? "", text: why(a.error.code, a.error.field) });
    return null;
  };
  if (sure && of) {
    return (
      <Sure
        title="admin.org.sure"
        about="admin.org.sure.about"
        args={{ name: of.name }}
        go="admin.org.remove"
        act={remove}
        close={() => setSure(false)}
      />
    );
  }
  return (
    <Dialog
      title={of ? of.name : say("admin.org.new")}
      close={close}
      size="small"
      foot={
        <Button
          kind="primary"
          disabled={!changed || name.trim() === "" || code.trim() === ""}
          onClick={() => void go()}
        >
          {say(of ? "view.profile.save" : "admin.new.go")}
        </Button>
      }
    >
      <form
        class={css.form}
        onSubmit={(e) => {
          e.preventDefault();
          if (changed && name.trim() && code.trim()) void go();
        }}
      >
        {wrong && wrong.field !== "code" && wrong.field !== "name" && (
          <p role="alert" class={css.error}>
            {wrong.text}
          </p>
        )}
        {!of && (
          <Field
            label={say("admin.org.code")}
            value={code}
            maxLength={limits.userIdBytes}
            plain
            first
            error={wrong?.field === "code" ? wrong.text : null}
            onInput={(e) => setCode(e.currentTarget.value)}
          />
        )}
        <Field
          label={say("admin.org.name")}
          value={name}
          maxLength={limits.jobRunes}
          first={of !== null}
          error={wrong?.field === "name" ? wrong.text : null}
          onInput={(e) => setName(e.currentTarget.value)}
        />
        <UnitPick
          app={app}
          label={say("admin.org.under")}
          value={under}
          onPick={setUnder}
          none={say("admin.org.top")}
          {...(of ? { without: of.code } : {})}
        />
        {of && (
          <div class={css.acts}>
            <Button kind="danger" onClick={() => setSure(true)}>
              {say("admin.org.remove")}
            </Button>
          </div>
        )}
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}

function why(code: ErrorCode, field: string | undefined): string {
  if (code === "conflict" && field === "people") return say("admin.org.inhabited");
  if (code === "conflict" && field === "units") return say("admin.org.hasUnits");
  if (code === "conflict" && field === "under") return say("admin.org.itself");
  if (code === "conflict" && field === "code") return say("admin.org.taken");
  if (field === "code") return say("admin.org.badCode");
  return field === "name" ? say("admin.org.badName") : sayError(code);
}
