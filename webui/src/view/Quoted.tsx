// Quoted is the message replied to, above the reply; a click goes there.
import type { FileInfo } from "../gen/protocol.ts";
import type { Bubble } from "../state/app.ts";
import { say } from "../text/say.ts";
import css from "./bubble.module.css";
import type { Talk } from "./talk.ts";
import { previewQuote } from "./words.ts";

export function Quoted({ talk, b }: { readonly talk: Talk; readonly b: Bubble }) {
  const m = b.message;
  if (!m.reply || m.cancelled) return null;
  const q = m.quote;
  if (!q) return <span class={css.quoted}>{say("view.message.quoteGone")}</span>;
  return (
    <button type="button" class={css.quoted} tabIndex={-1} data-quote={q.id} onClick={() => talk.jump(q)}>
      {shown(q.file) && (
        <img
          src={`api/v1/files/${encodeURIComponent(q.file.id)}/thumb`}
          alt=""
          loading="lazy"
          onError={(e) => {
            e.currentTarget.hidden = true; // gone meanwhile
          }}
        />
      )}
      <b>{say("view.message.replyTo", { name: q.senderName })}</b>
      <span>{previewQuote(q)}</span>
    </button>
  );
}

const shown = (f: FileInfo | undefined): f is FileInfo =>
  f?.thumb === true && !f.gone && (f.until === undefined || Date.parse(f.until) > Date.now());
