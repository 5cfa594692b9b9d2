// Quoted is the message replied to, above the reply; a click goes there.
import type { Bubble } from "../state/app.ts";
import { say } from "../text/say.ts";
import css from "./bubble.module.css";
import type { Talk } from "./talk.ts";
import { preview } from "./words.ts";

export function Quoted({ talk, b }: { readonly talk: Talk; readonly b: Bubble }) {
  const id = b.message.reply;
  if (!id || b.message.cancelled) return null;
  const q = b.quoted;
  if (!q) return <span class={css.quoted}>{say("view.message.quoteGone")}</span>;
  return (
    <button type="button" class={css.quoted} tabIndex={-1} onClick={() => talk.jump(id)}>
      <b>{q.senderName}</b>
      <span>{preview(q)}</span>
    </button>
  );
}
