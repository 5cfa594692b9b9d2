// Code is a block of code with a way to copy it.
import { say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import css from "./bubble.module.css";
import { copy } from "./copy.ts";

export function Code({ text }: { readonly text: string }) {
  return (
    <span class={css.block}>
      <pre class={css.code}>{text}</pre>
      <IconButton icon="copy" label={say("view.message.copyCode")} tabIndex={-1} size={14} onClick={() => copy(text)} />
    </span>
  );
}
