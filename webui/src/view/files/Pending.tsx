// Pending shows the uploads of a room that are not messages yet: how far each is, what went wrong, and what can be done.
import { useEffect } from "preact/hooks";
import type { Fault, RoomID } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Icon } from "../../ui/Icon.tsx";
import { sizeOf } from "./facts.ts";
import { Small } from "./Plate.tsx";
import css from "./pending.module.css";
import { abort, again, blobOf, pause, restore, resume, type Transfer, transfersOf } from "./transfers.ts";

export function Pending({ app, room }: { readonly app: App; readonly room: RoomID }) {
  const me = app.me.value?.id;
  useEffect(() => {
    if (me) void restore(app);
  }, [app, me]);
  const mine = transfersOf(room);
  if (mine.length === 0) return null;
  return (
    <ul class={css.pending} aria-label={say("view.file.uploads")}>
      {mine.map((t) => (
        <One key={t.id} app={app} t={t} />
      ))}
    </ul>
  );
}

function One({ app, t }: { readonly app: App; readonly t: Transfer }) {
  const part = t.size > 0 ? Math.min(1, t.sent / t.size) : t.state === "finishing" ? 1 : 0;
  const percent = Math.floor(part * 100);
  const wrong = t.state === "failed" || t.state === "lost";
  return (
    <li class={wrong ? `${css.one} ${css.wrong}` : css.one} data-upload={t.state} data-held={t.held}>
      <Small file={blobOf(t.id)} kind={t.kind} class={css.small} icon={20} />
      <span class={css.words}>
        <span class={css.name}>{t.name}</span>
        {wrong ? (
          <span class={css.why} role="alert">
            <Icon name="circle-alert" size={14} />
            {t.state === "lost" ? say("view.file.lost") : why(t.fault)}
          </span>
        ) : (
          <>
            <progress
              class={css.bar}
              max={100}
              value={percent}
              aria-label={say("view.file.progress", { name: t.name })}
            />
            <span class={css.facts}>{stateOf(t, percent)}</span>
          </>
        )}
      </span>
      <span class={css.acts}>
        {(t.state === "going" || t.state === "waiting") && (
          <Act icon="pause" label={say("view.file.pause", { name: t.name })} onClick={() => pause(t.id)} />
        )}
        {t.state === "paused" && (
          <Act icon="play" label={say("view.file.resume", { name: t.name })} onClick={() => resume(app, t.id)} />
        )}
        {t.state === "failed" && !hopeless.has(t.fault?.field) && (
          <Act icon="rotate-cw" label={say("view.file.retry", { name: t.name })} onClick={() => resume(app, t.id)} />
        )}
        {t.state === "lost" && (
          <Act icon="folder-open" label={say("view.file.chooseAgain", { name: t.name })} onClick={() => same(app, t)} />
        )}
        {t.state !== "finishing" && (
          <Act icon="x" label={say("view.file.abort", { name: t.name })} onClick={() => abort(app, t.id)} />
        )}
      </span>
    </li>
  );
}

// What these stand in the way of stays refused, however often it is tried.
const hopeless: ReadonlySet<string | undefined> = new Set(["kind", "virus", "size"]);

function Act({
  icon,
  label,
  onClick,
}: {
  readonly icon: "pause" | "play" | "rotate-cw" | "folder-open" | "x";
  readonly label: string;
  readonly onClick: () => void;
}) {
  return (
    <button type="button" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} size={16} />
    </button>
  );
}

function stateOf(t: Transfer, percent: number): string {
  if (t.held && t.state !== "paused") return say("view.file.held", { percent });
  switch (t.state) {
    case "waiting":
      return say("view.file.waiting");
    case "paused":
      return say("view.file.paused", { percent });
    case "finishing":
      return say("view.file.finishing");
    default:
      return say("view.file.going", { sent: sizeOf(t.sent), size: sizeOf(t.size), percent });
  }
}

// why says what stands in the way, as far as it is about files.
export function why(f: Fault | undefined): string {
  switch (f?.field) {
    case "size":
      return f.most ? say("view.file.why.sizeMost", { size: sizeOf(f.most) }) : say("view.file.why.size");
    case "files":
      return f.most ? say("view.file.why.filesMost", { n: f.most }) : say("view.file.why.files");
    case "space":
      return say("view.file.why.space");
    case "roomSpace":
      return say("view.file.why.roomSpace");
    case "kind":
      return say("view.file.why.kind");
    case "virus":
      return say("view.file.why.virus");
    case "scanner":
      return say("view.file.why.scanner");
    case "disk":
      return say("view.file.why.disk");
    case "checksum":
      return say("view.file.why.checksum");
    case "room":
      return say("view.file.why.room");
  }
  return sayError(f?.code ?? "unavailable");
}

// same asks for the file that a reload took away; another one is not taken for it.
function same(app: App, t: Transfer): void {
  const input = document.createElement("input");
  input.type = "file";
  input.onchange = () => {
    const file = input.files?.[0];
    if (file && file.size === t.size && file.name === t.name) again(app, t.id, file);
  };
  input.click();
}
