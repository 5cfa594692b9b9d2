// Feed is how people come from HR: a data set is delivered, looked at, applied as a whole, and can be taken back.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ErrorCode, FeedPick, FeedPlan, FeedSet, FeedSets, FeedTaken } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Sure } from "../Sure.tsx";
import css from "./admin.module.css";
import { Deliveries } from "./Deliveries.tsx";
import { FeedKeys } from "./FeedKeys.tsx";
import { FeedClock } from "./FeedSchedule.tsx";
import { save } from "./save.ts";

const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

// example is what the two tables look like, to be filled in.
function example(): void {
  save(say("admin.feed.example.units"), [
    ["부서코드", "부서명", "순서", "단계"],
    ["A00", "한빛전자", "000", "0"],
    ["A10", "영업본부", "010", "1"],
    ["A11", "국내영업팀", "011", "2"],
  ]);
  save(say("admin.feed.example.people"), [
    ["사번", "이름", "소속코드", "직책", "전화", "이메일", "부재"],
    ["kim", "김서연", "A11", "팀장", "010-1234-5678", "kim@example.com", ""],
    ["lee", "이준호", "A10", "본부장", "02-555-0100", "lee@example.com", "연차"],
  ]);
}

// whereOf turns the place of what is wrong into words: the line of the table, its first being the names.
function whereOf(field: string): string {
  const [, table, n] = /^(orgs|users)\[(\d+)\]$/.exec(field) ?? [];
  if (!table) return say("admin.feed.wrong", { where: field });
  return say(table === "orgs" ? "admin.feed.wrong.unit" : "admin.feed.wrong.person", { n: Number(n) + 2 });
}

export function Feed({ app }: { readonly app: App }) {
  const file = useRef<HTMLInputElement>(null);
  const [sets, set] = useState<FeedSets | null>(null);
  const [pick, setPick] = useState<FeedPick>({ orgs: "", users: "" });
  const [plan, setPlan] = useState<FeedPlan | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [directory, setDirectory] = useState(false);
  const [busy, setBusy] = useState(false);
  const [news, setNews] = useState(0);
  const [ask, setAsk] = useState<"apply" | "undo" | null>(null);
  const fail = (code: ErrorCode, field?: string) =>
    setError(code === "bad_request" && field ? whereOf(field) : sayError(code));
  const load = useCallback(async () => {
    const a = await app.http.get<FeedSets>("admin/feed");
    if (a.data) set(a.data);
    else setError(sayError(a.error.code));
    setNews((n) => n + 1);
  }, [app]);
  useEffect(() => void load(), [load]);

  const deliver = async (file: File | undefined) => {
    if (!file) return;
    setError(null);
    setDone(say("admin.feed.reading", { name: file.name }));
    setBusy(true);
    const a = await app.http.post<FeedTaken>(
      "admin/feed/upload",
      new Blob([file], { type: /\.xlsx$/i.test(file.name) ? workbook : "text/csv" }),
    );
    setBusy(false);
    setDone(null);
    if (a.error) return fail(a.error.code, a.error.field);
    await took(a.data);
  };
  const took = async (t: FeedTaken) => {
    setDone(say("admin.feed.taken", { units: t.orgs.toLocaleString(), people: t.users.toLocaleString() }));
    setPick({ orgs: t.orgs ? t.key : pick.orgs, users: t.users ? t.key : pick.users });
    setPlan(null);
    await load();
    if (t.users) await look({ orgs: t.orgs ? t.key : pick.orgs, users: t.key });
  };
  const fetchDirectory = async () => {
    setError(null);
    setBusy(true);
    const a = await app.http.post<FeedTaken>("admin/feed/directory", {});
    setBusy(false);
    if (a.error) setError(a.error.code === "unavailable" ? say("admin.feed.ldap.silent") : sayError(a.error.code));
    else await took(a.data);
  };
  const look = async (at = pick) => {
    setError(null);
    const a = await app.http.post<FeedPlan>("admin/feed/plan", at);
    if (a.error) fail(a.error.code, a.error.field);
    else setPlan(a.data);
  };
  const apply = async (): Promise<ErrorCode | null> => {
    const a = await app.http.post<FeedPlan>("admin/feed/apply", { ...pick, force: plan?.guarded ?? false });
    if (a.error) return a.error.code;
    setDone(say(a.data.join > 0 ? "admin.feed.applied.joined" : "admin.feed.applied", { n: a.data.join }));
    setPlan(null);
    await load();
    return null;
  };
  const undo = async (): Promise<ErrorCode | null> => {
    const a = await app.http.post("admin/feed/undo", {});
    if (a.error) return a.error.code;
    setDone(say("admin.feed.undone"));
    await load();
    return null;
  };
  const choose = (key: "orgs" | "users", of: readonly FeedSet[]) => (
    <label class={css.pick}>
      {say(`admin.feed.${key}`)}
      <select
        value={pick[key]}
        onChange={(e) => {
          setPick({ ...pick, [key]: e.currentTarget.value });
          setPlan(null);
        }}
      >
        <option value="">{say("admin.feed.keep")}</option>
        {of.map((s) => (
          <option key={s.key} value={s.key}>
            {s.key} ({s.rows.toLocaleString()})
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div class={`${css.form} ${css.broad}`}>
      <p class={css.soft}>{say("admin.feed.about")}</p>
      <div class={css.acts}>
        <Button busy={busy} onClick={() => file.current?.click()}>
          {say("admin.feed.file")}
        </Button>
        <input
          ref={file}
          type="file"
          accept={`.csv,.xlsx,text/csv,${workbook}`}
          hidden
          aria-label={say("admin.feed.file")}
          onChange={(e) => {
            void deliver(e.currentTarget.files?.[0]);
            e.currentTarget.value = "";
          }}
        />
        <Button onClick={example}>{say("admin.feed.example")}</Button>
        {directory && (
          <Button busy={busy} onClick={() => void fetchDirectory()}>
            {say("admin.feed.ldap")}
          </Button>
        )}
      </div>
      {sets && (
        <>
          {choose("orgs", sets.orgs)}
          {choose("users", sets.users)}
        </>
      )}
      {error && (
        <p role="alert" class={css.error}>
          {error}
        </p>
      )}
      {done && <p role="status">{done}</p>}
      <div class={css.acts}>
        <Button disabled={!pick.orgs && !pick.users} onClick={() => void look()}>
          {say("admin.feed.look")}
        </Button>
        {sets?.undoable && <Button onClick={() => setAsk("undo")}>{say("admin.feed.undo")}</Button>}
      </div>
      {plan && (
        <div class={css.plan}>
          <b>{say("admin.feed.plan", counts(plan))}</b>
          {plan.manual > 0 && <p class={css.soft}>{say("admin.feed.manual", { n: plan.manual })}</p>}
          {(plan.spared ?? 0) > 0 && <p class={css.soft}>{say("admin.feed.spared", { n: plan.spared ?? 0 })}</p>}
          {plan.leaving && plan.leaving.length > 0 && (
            <p>{say("admin.feed.leaving", { names: plan.leaving.map((p) => p.name).join(", ") })}</p>
          )}
          {plan.guarded && <p class={css.error}>{say("admin.feed.guarded", { n: plan.leave })}</p>}
          <Button kind={plan.guarded ? "danger" : "primary"} onClick={() => setAsk("apply")}>
            {say("admin.feed.apply")}
          </Button>
        </div>
      )}
      <Deliveries
        app={app}
        news={news}
        pick={(s) => {
          const next = { orgs: s.orgs ? s.key : "", users: s.users ? s.key : "" };
          setPick(next);
          setPlan(null);
          setDone(null);
          void look(next);
        }}
        gone={(key) => {
          setPick({ orgs: pick.orgs === key ? "" : pick.orgs, users: pick.users === key ? "" : pick.users });
          setPlan(null);
          void load();
        }}
      />
      <FeedKeys app={app} />
      <FeedClock app={app} directory={setDirectory} />
      {ask && (
        <Sure
          title={`admin.feed.sure.${ask}`}
          about={`admin.feed.sure.${ask}.about`}
          args={{ join: (plan?.join ?? 0).toLocaleString(), leave: (plan?.leave ?? 0).toLocaleString() }}
          go={`admin.feed.${ask}`}
          act={ask === "apply" ? apply : undo}
          close={() => setAsk(null)}
        />
      )}
    </div>
  );
}

const counts = ({ join, leave, moved, renamed, changed, units }: FeedPlan) => ({
  join: join.toLocaleString(),
  leave: leave.toLocaleString(),
  moved: moved.toLocaleString(),
  renamed: renamed.toLocaleString(),
  changed: changed.toLocaleString(),
  units: units.toLocaleString(),
});
