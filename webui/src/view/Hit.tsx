// Hit is one message that was found: who, when, and the words where they stand, be it in the name of a file.
import type { Message, TextContext } from "../gen/protocol.ts";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import { iconOf } from "./files/facts.ts";
import css from "./find.module.css";
import { short } from "./when.ts";
import { preview } from "./words.ts";

interface Props {
  readonly message: Message;
  readonly context: TextContext | undefined;
  readonly number?: number;
}

export function Hit({ message, context, number }: Props) {
  const parts = context?.parts ?? [];
  let at = 0;
  return (
    <>
      <span class={css.who}>
        {number !== undefined && <span class={css.number}>{number}</span>}
        <span class={css.name}>{message.senderName}</span>
        {message.urgent && !message.cancelled && <span class={css.urgent}>{say("view.message.urgent")}</span>}
        <time dateTime={message.at}>{short(message.at)}</time>
      </span>
      <span class={css.words}>
        {message.file && parts.length > 0 && <Icon name={iconOf(message.file.kind)} size={14} />}
        {parts.length === 0
          ? preview(message)
          : parts.map((p) => {
              const key = at;
              at += p.text.length;
              return p.hit ? <mark key={key}>{p.text}</mark> : <span key={key}>{p.text}</span>;
            })}
      </span>
    </>
  );
}
