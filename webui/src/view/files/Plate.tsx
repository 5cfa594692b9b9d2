// Plate shows what is chosen to be sent, above the box: what is typed below goes along with it.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { RoomID } from "../../gen/protocol.ts";
import { say } from "../../text/say.ts";
import { Icon } from "../../ui/Icon.tsx";
import { chosenFor, unchoose } from "../attach.ts";
import { iconOf, sizeOf } from "./facts.ts";
import css from "./plate.module.css";

export function Plate({ room }: { readonly room: RoomID }) {
  const files = chosenFor(room);
  if (files.length === 0) return null;
  const bytes = files.reduce((n, f) => n + f.size, 0);
  return (
    <section class={css.plate} aria-label={say("view.file.chosen")}>
      <header class={css.head}>
        <span>{say("view.file.chosenCount", { n: files.length, size: sizeOf(bytes) })}</span>
        <button type="button" onClick={() => unchoose(room)}>
          {say("view.file.unchooseAll")}
        </button>
      </header>
      <ul class={css.list}>
        {files.map((f) => (
          <One key={`${f.name} ${f.size} ${f.lastModified}`} file={f} drop={() => unchoose(room, f)} />
        ))}
      </ul>
    </section>
  );
}

function One({ file, drop }: { readonly file: File; readonly drop: () => void }) {
  return (
    <li class={css.one} title={file.name}>
      <Small file={file} kind={file.type} class={css.small} icon={24} />
      <span class={css.name}>{file.name}</span>
      <span class={css.size}>{sizeOf(file.size)}</span>
      <button type="button" class={css.x} aria-label={say("view.file.unchoose", { name: file.name })} onClick={drop}>
        <Icon name="x" size={14} />
      </button>
    </li>
  );
}

interface SmallProps {
  readonly file: Blob | undefined;
  readonly kind: string;
  readonly class: string | undefined;
  readonly icon: number;
}

// Small is a file that is still in the browser alone: the picture that it is, or an icon. What calls itself a picture
// and is none has an icon too.
export function Small({ file, kind, class: look, icon }: SmallProps) {
  const url = usePreview(file);
  const [bad, setBad] = useState(false);
  useEffect(() => setBad(false), [file]);
  if (url && !bad) return <img class={look} src={url} alt="" onError={() => setBad(true)} />;
  return (
    <span class={look}>
      <Icon name={iconOf(bad ? "" : kind)} size={icon} />
    </span>
  );
}

function usePreview(file: Blob | undefined): string | null {
  const url = useMemo(
    () =>
      file && /^image\/(png|jpeg|gif|webp)$/.test(file.type) && file.size < 32 * 1024 * 1024
        ? URL.createObjectURL(file)
        : null,
    [file],
  );
  useEffect(() => () => void (url && URL.revokeObjectURL(url)), [url]);
  return url;
}
