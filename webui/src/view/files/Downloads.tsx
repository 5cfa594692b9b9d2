// Downloads shows what the tray brings to the downloads folder: how far each file is, and what can be done with it.
// What was done before this page was there is not shown.
import { useEffect, useRef, useState } from "preact/hooks";
import type { Download, ErrorCode } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say } from "../../text/say.ts";
import { Button, IconButton } from "../../ui/Controls.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { note } from "../place.ts";
import css from "./downloads.module.css";
import { sizeOf } from "./facts.ts";

export function Downloads({ app }: { readonly app: App }) {
  const all = app.downloads.value;
  const seen = useRef(new Set<string>());
  const [hidden, setHidden] = useState(false);
  for (const d of all) if (d.state !== "whole") seen.current.add(d.id);
  const shown = all.filter((d) => seen.current.has(d.id)).reverse();
  const newest = shown[0]?.id;
  useEffect(() => setHidden(false), [newest]);
  if (hidden || shown.length === 0) return null;
  const ended = shown.filter((d) => d.state === "whole" || d.state === "failed");
  return (
    <section class={css.shelf} aria-label={say("view.download")}>
      <header class={css.head}>
        <h2>{say("view.download")}</h2>
        {ended.length > 1 && (
          <IconButton
            icon="check-check"
            size={18}
            label={say("view.download.clear")}
            onClick={() => {
              for (const d of ended) void ask(d.id, "DELETE");
            }}
          />
        )}
        <IconButton icon="x" size={18} label={say("view.close")} onClick={() => setHidden(true)} />
      </header>
      <ul class={css.list}>
        {shown.map((d) => (
          <One key={d.id} d={d} />
        ))}
      </ul>
    </section>
  );
}

function One({ d }: { readonly d: Download }) {
  const percent = d.size > 0 ? Math.floor((100 * d.done) / d.size) : null;
  const goes = d.state === "going" || d.state === "waiting";
  return (
    <li class={css.one} data-download={d.state}>
      <span class={css.name} title={d.name}>
        {d.name}
      </span>
      <IconButton
        icon="x"
        size={16}
        label={say(goes ? "view.download.stop" : "view.download.drop", { name: d.name })}
        onClick={() => void ask(d.id, "DELETE")}
      />
      {goes && (
        <progress
          class={css.bar}
          max={100}
          {...(percent === null ? {} : { value: percent })}
          aria-label={say("view.download.progress", { name: d.name })}
        />
      )}
      {d.state === "failed" ? (
        <span class={css.wrong} role="alert">
          <Icon name="circle-alert" size={14} />
          {say("view.download.failed", { why: why(d.why ?? "") })}
        </span>
      ) : (
        <span class={css.facts}>{factsOf(d, percent)}</span>
      )}
      {d.state === "whole" && (
        <span class={css.acts}>
          {d.opens && <Button onClick={() => void hand(d, "open")}>{say("view.download.open")}</Button>}
          <Button onClick={() => void hand(d, "show")}>{say("view.download.show")}</Button>
        </span>
      )}
      {d.state === "failed" && (
        <span class={css.acts}>
          <Button onClick={() => void ask(d.id, "POST", "/again")}>{say("view.download.again")}</Button>
        </span>
      )}
    </li>
  );
}

function factsOf(d: Download, percent: number | null): string {
  if (d.state === "whole") return say("view.download.done", { size: sizeOf(d.size) });
  if (d.state === "waiting") return say("view.download.waiting");
  if (percent === null) return say("view.download.goingOpen", { done: sizeOf(d.done) });
  return say("view.download.going", { done: sizeOf(d.done), size: sizeOf(d.size), percent });
}

function why(code: string): string {
  switch (code) {
    case "disk":
    case "checksum":
      return say(`view.download.why.${code}`);
    case "not_found":
      return say("view.download.why.gone");
    default:
      return say("view.download.why.other");
  }
}

async function hand(d: Download, how: "open" | "show"): Promise<void> {
  const bad = await ask(d.id, "POST", `/${how}`);
  if (bad) note(say(bad === "not_found" ? "view.download.why.moved" : "view.download.why.other"));
}

async function ask(id: string, method: "POST" | "DELETE", rest = ""): Promise<ErrorCode | null> {
  try {
    const answer = await fetch(`edge/v1/downloads/${encodeURIComponent(id)}${rest}`, { method });
    return answer.ok ? null : ((await answer.json()) as { readonly error: { readonly code: ErrorCode } }).error.code;
  } catch {
    return "unavailable";
  }
}
