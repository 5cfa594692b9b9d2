// QuoteBar stands above the box while a reply is written.
import type { Message } from "../gen/protocol.ts";
import { say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import css from "./composer.module.css";
import { preview } from "./words.ts";

export function QuoteBar({ quote, close }: { readonly quote: Message; readonly close: () => void }) {
  return (
    <div class={css.quote}>
      <Icon name="corner-up-left" size={16} />
      <span>
        <b>{say("view.composer.replyTo", { name: quote.senderName })}</b>
        <em>{preview(quote)}</em>
      </span>
      <IconButton icon="x" label={say("view.composer.noReply")} size={18} onClick={close} />
    </div>
  );
}
