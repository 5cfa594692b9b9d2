// Plate shows what is chosen to be sent, above the box: what is typed below goes along with it.
import { useEffect, useMemo } from "preact/hooks";
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
  const url = usePreview(file);
  return (
    <li class={css.one} title={file.name}>
      {url ? (
        <img class={css.small} src={url} alt="" />
      ) : (
        <span class={css.small}>
          <Icon name={iconOf(file.type)} size={24} />
        </span>
      )}
      <span class={css.name}>{file.name}</span>
      <span class={css.size}>{sizeOf(file.size)}</span>
      <button type="button" class={css.x} aria-label={say("view.file.unchoose", { name: file.name })} onClick={drop}>
        <Icon name="x" size={14} />
      </button>
    </li>
  );
}

// usePreview is the address of a picture that is still in the browser alone.
export function usePreview(file: Blob | undefined): string | null {
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
