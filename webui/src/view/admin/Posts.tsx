// Posts are the places that somebody holds beside the main one. Each change counts at once.
import { useCallback, useEffect, useState } from "preact/hooks";
import { type Card, type Fault, limits, type Post } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say } from "../../text/say.ts";
import { Button, Field } from "../../ui/Controls.tsx";
import css from "./admin.module.css";
import { sayPlaced, UnitPick } from "./UnitPick.tsx";

export function Posts({ app, id }: { readonly app: App; readonly id: string }) {
  const [posts, set] = useState<readonly Post[]>([]);
  const [adding, setAdding] = useState(false);
  const [org, setOrg] = useState("");
  const [job, setJob] = useState("");
  const [error, setError] = useState<Fault | null>(null);
  const load = useCallback(async () => {
    const a = await app.http.get<Card>(`users/${encodeURIComponent(id)}`);
    setError(a.error ?? null);
    if (a.data) set(a.data.posts);
  }, [app, id]);
  useEffect(() => void load(), [load]);
  const keep = async (next: readonly { readonly org: string; readonly job?: string }[]) => {
    const a = await app.http.put(`admin/accounts/${encodeURIComponent(id)}`, {
      posts: next.map((p) => ({ org: p.org, job: p.job ?? "" })),
    });
    if (a.error) return setError(a.error);
    setAdding(false);
    setOrg("");
    setJob("");
    await load();
  };
  return (
    <section class={css.stack} aria-label={say("admin.posts")}>
      <h3>{say("admin.posts")}</h3>
      {error && (
        <p role="alert" class={css.error}>
          {sayPlaced(error)}
        </p>
      )}
      {posts.length === 0 && <p class={css.soft}>{say("admin.posts.none")}</p>}
      <ul class={css.devices}>
        {posts.map((p) => (
          <li key={p.org}>
            <span>{[p.orgName, p.job].filter(Boolean).join(" · ")}</span>
            <Button onClick={() => void keep(posts.filter((x) => x.org !== p.org))}>{say("admin.posts.drop")}</Button>
          </li>
        ))}
      </ul>
      {adding ? (
        <>
          <UnitPick
            app={app}
            label={say("admin.posts.unit")}
            value={org}
            onPick={setOrg}
            none={say("admin.field.noOrg")}
          />
          <Field
            label={say("admin.posts.job")}
            value={job}
            maxLength={limits.jobRunes}
            onInput={(e) => setJob(e.currentTarget.value)}
          />
          <div class={css.acts}>
            <Button
              disabled={org === ""}
              onClick={() => void keep([...posts.filter((p) => p.org !== org), { org, job }])}
            >
              {say("admin.posts.go")}
            </Button>
            <Button onClick={() => setAdding(false)}>{say("view.no")}</Button>
          </div>
        </>
      ) : (
        <div class={css.acts}>
          <Button onClick={() => setAdding(true)}>{say("admin.posts.add")}</Button>
        </div>
      )}
    </section>
  );
}
