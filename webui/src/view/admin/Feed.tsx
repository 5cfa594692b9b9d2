// Feed is how people come from HR: a data set is delivered, looked at, applied as a whole, and can be taken back.
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ErrorCode, FeedPick, FeedPlan, FeedSet, FeedSets, FeedTaken } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Sure } from "../Sure.tsx";
import css from "./admin.module.css";
import { FeedClock } from "./FeedSchedule.tsx";

const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

export function Feed({ app }: { readonly app: App }) {
  const file = useRef<HTMLInputElement>(null);
  const [sets, set] = useState<FeedSets | null>(null);
  const [pick, setPick] = useState<FeedPick>({ orgs: "", users: "" });
  const [plan, setPlan] = useState<FeedPlan | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [directory, setDirectory] = useState(false);
  const [busy, setBusy] = useState(false);
  const [ask, setAsk] = useState<"apply" | "undo" | null>(null);
  const fail = (code: ErrorCode, field?: string) =>
    setError(code === "bad_request" && field ? say("admin.feed.wrong", { where: field }) : sayError(code));
  const load = useCallback(async () => {
    const a = await app.http.get<FeedSets>("admin/feed");
    if (a.data) set(a.data);
    else setError(sayError(a.error.code));
  }, [app]);
  useEffect(() => void load(), [load]);

  const deliver = async (file: File | undefined) => {
    if (!file) return;
    setError(null);
    const a = await app.http.post<FeedTaken>(
      "admin/feed/upload",
      new Blob([file], { type: /\.xlsx$/i.test(file.name) ? workbook : "text/csv" }),
    );
    if (a.error) return fail(a.error.code, a.error.field);
    await took(a.data);
  };
  const took = async (t: FeedTaken) => {
    setDone(say("admin.feed.taken", { units: t.orgs, people: t.users }));
    setPick({ orgs: t.orgs ? t.key : pick.orgs, users: t.users ? t.key : pick.users });
    setPlan(null);
    await load();
  };
  const fetchDirectory = async () => {
    setError(null);
    setBusy(true);
    const a = await app.http.post<FeedTaken>("admin/feed/directory", {});
    setBusy(false);
    if (a.error) setError(a.error.code === "unavailable" ? say("admin.feed.ldap.silent") : sayError(a.error.code));
    else await took(a.data);
  };
  const look = async () => {
    setError(null);
    const a = await app.http.post<FeedPlan>("admin/feed/plan", pick);
    if (a.error) fail(a.error.code, a.error.field);
    else setPlan(a.data);
  };
  const apply = async (): Promise<ErrorCode | null> => {
    const a = await app.http.post<FeedPlan>("admin/feed/apply", { ...pick, force: plan?.guarded ?? false });
    if (a.error) return a.error.code;
    setDone(say("admin.feed.applied"));
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
            {s.key} ({s.rows})
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div class={css.form}>
      <p class={css.soft}>{say("admin.feed.about")}</p>
      <div class={css.acts}>
        <Button disabled={busy} onClick={() => file.current?.click()}>
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
        {directory && (
          <Button disabled={busy} onClick={() => void fetchDirectory()}>
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
          {plan.leaving && plan.leaving.length > 0 && (
            <p>{say("admin.feed.leaving", { names: plan.leaving.map((p) => p.name).join(", ") })}</p>
          )}
          {plan.guarded && <p class={css.error}>{say("admin.feed.guarded", { n: plan.leave })}</p>}
          <Button kind={plan.guarded ? "danger" : "primary"} onClick={() => setAsk("apply")}>
            {say("admin.feed.apply")}
          </Button>
        </div>
      )}
      <FeedClock app={app} directory={setDirectory} />
      {ask && (
        <Sure
          title={`admin.feed.sure.${ask}`}
          about={`admin.feed.sure.${ask}.about`}
          args={{ join: plan?.join ?? 0, leave: plan?.leave ?? 0 }}
          go={`admin.feed.${ask}`}
          act={ask === "apply" ? apply : undo}
          close={() => setAsk(null)}
        />
      )}
    </div>
  );
}

const counts = ({ join, leave, moved, renamed, changed, units }: FeedPlan) => ({
  join,
  leave,
  moved,
  renamed,
  changed,
  units,
});
