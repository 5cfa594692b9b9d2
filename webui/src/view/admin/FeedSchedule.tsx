// FeedSchedule says when people are brought up to date by themselves, and what came of it last.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { FeedSchedule } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Awaited } from "../Awaited.tsx";
import css from "./admin.module.css";

export function FeedClock({ app, directory }: { readonly app: App; readonly directory: (there: boolean) => void }) {
  const [s, set] = useState<FeedSchedule | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [saved, setSaved] = useState(false);
  const load = useCallback(async () => {
    const a = await app.http.get<FeedSchedule>("admin/feed/schedule");
    if (a.error) return setError(sayError(a.error.code));
    set(a.data);
    directory(a.data.directory);
  }, [app, directory]);
  useEffect(() => void load(), [load]);
  if (!s) return <Awaited error={error} again={() => void load()} />;
  const change = (patch: Partial<FeedSchedule>) => {
    set({ ...s, ...patch });
    setSaved(false);
  };
  const save = async () => {
    const { on, at, zone, from } = s;
    const a = await app.http.put<FeedSchedule>("admin/feed/schedule", { on, at, zone, from });
    setSaved(!a.error);
    if (a.data) set(a.data);
    setError(a.error ? (a.error.field === "zone" ? say("admin.feed.clock.badZone") : sayError(a.error.code)) : null);
  };
  const last = s.last;
  const when =
    last && new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(last.at));
  return (
    <form
      class={css.form}
      aria-label={say("admin.feed.clock")}
      onSubmit={(e) => {
        e.preventDefault();
        void save();
      }}
    >
      <h3>{say("admin.feed.clock")}</h3>
      <label class={css.check}>
        <input type="checkbox" checked={s.on} onChange={(e) => change({ on: e.currentTarget.checked })} />
        {say("admin.feed.clock.on")}
      </label>
      <label class={css.pick}>
        {say("admin.feed.clock.at")}
        <input type="time" required value={s.at} onInput={(e) => change({ at: e.currentTarget.value })} />
      </label>
      <label class={css.pick}>
        {say("admin.feed.clock.zone")}
        <input
          class={css.wide}
          required
          spellcheck={false}
          value={s.zone}
          onInput={(e) => change({ zone: e.currentTarget.value })}
        />
      </label>
      <label class={css.pick}>
        {say("admin.feed.clock.from")}
        <select
          class={css.wide}
          value={s.from}
          onChange={(e) => change({ from: e.currentTarget.value === "directory" ? "directory" : "delivered" })}
        >
          <option value="delivered">{say("admin.feed.clock.delivered")}</option>
          {s.directory && <option value="directory">{say("admin.feed.clock.directory")}</option>}
        </select>
      </label>
      {error && (
        <p role="alert" class={css.error}>
          {error}
        </p>
      )}
      {last && when && (
        <p class={last.error ? css.error : css.soft}>
          {last.guarded
            ? say("admin.feed.clock.guarded", { when, n: last.plan.leave })
            : last.error
              ? say("admin.feed.clock.failed", { when, why: sayError(last.error) })
              : say("admin.feed.clock.last", {
                  when,
                  join: last.plan.join,
                  leave: last.plan.leave,
                  moved: last.plan.moved,
                })}
        </p>
      )}
      <Button type="submit">{say(saved ? "view.profile.saved" : "view.profile.save")}</Button>
    </form>
  );
}
