// Notice is how an administrator says something to everybody, in one language or in two, for a time or until it is taken back.
import { useState } from "preact/hooks";
import { type ErrorCode, limits } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Sure } from "../Sure.tsx";
import css from "./admin.module.css";

export function Notice({ app }: { readonly app: App }) {
  const now = app.announced.value;
  const [text, setText] = useState("");
  const [english, setEnglish] = useState("");
  const [until, setUntil] = useState("");
  const [ask, setAsk] = useState<"go" | "back" | null>(null);
  const [done, setDone] = useState(false);
  const late = until !== "" && !(Date.parse(until) > Date.now());
  const go = async (): Promise<ErrorCode | null> => {
    const end = until ? { until: new Date(until).toISOString() } : {};
    const a = await app.http.post("admin/notice", ask === "back" ? { text: "" } : { text, english, ...end });
    if (a.error) return a.error.code;
    setDone(ask === "go");
    if (ask === "go") {
      setText("");
      setEnglish("");
      setUntil("");
    }
    return null;
  };
  const area = (label: string, value: string, set: (v: string) => void) => (
    <label class={css.stack}>
      {label}
      <textarea
        rows={3}
        maxLength={limits.announceRunes}
        value={value}
        onInput={(e) => {
          set(e.currentTarget.value);
          setDone(false);
        }}
      />
    </label>
  );
  return (
    <form
      class={css.form}
      onSubmit={(e) => {
        e.preventDefault();
        setAsk("go");
      }}
    >
      <p class={css.soft}>{say("admin.notice.about")}</p>
      {now?.text ? (
        <div class={css.now}>
          <div>
            <p>{now.text}</p>
            {now.english && <p>{now.english}</p>}
            <p class={css.soft}>
              {[now.by, stamp(now.at), now.until && say("admin.notice.ends", { at: stamp(now.until) })]
                .filter(Boolean)
                .join(" · ")}
            </p>
          </div>
          <Button onClick={() => setAsk("back")}>{say("admin.notice.back")}</Button>
        </div>
      ) : (
        <p class={css.soft}>{say("admin.notice.none")}</p>
      )}
      {area(say("admin.notice.text"), text, setText)}
      {area(say("admin.notice.english"), english, setEnglish)}
      <label class={css.pick}>
        {say("admin.notice.until")}
        <input
          type="datetime-local"
          class={css.wide}
          value={until}
          aria-invalid={late}
          onInput={(e) => setUntil(e.currentTarget.value)}
        />
      </label>
      {late && (
        <p role="alert" class={css.error}>
          {say("admin.notice.late")}
        </p>
      )}
      {done && <p role="status">{say("admin.notice.done")}</p>}
      <Button type="submit" kind="primary" disabled={text.trim() === "" || late}>
        {say("admin.notice.go")}
      </Button>
      {ask && (
        <Sure
          title={`admin.notice.sure.${ask}`}
          about={`admin.notice.sure.${ask}.about`}
          go={`admin.notice.${ask}`}
          act={go}
          close={() => setAsk(null)}
        />
      )}
    </form>
  );
}

const stamp = (at: string): string =>
  new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
