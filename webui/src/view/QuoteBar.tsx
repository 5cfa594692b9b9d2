// QuoteBar stands above the box while a reply is written or a message edited.
import { say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import css from "./composer.module.css";
import type { Aim } from "./talk.ts";
import { preview } from "./words.ts";

export function QuoteBar({ aim: { kind, message }, close }: { readonly aim: Aim; readonly close: () => void }) {
  const reply = kind === "reply";
  return (
    <div class={css.quote}>
      <Icon name={reply ? "corner-up-left" : "pencil"} size={16} />
      <span>
        <b>{reply ? say("view.composer.replyTo", { name: message.senderName }) : say("view.composer.editing")}</b>
        <em>{preview(message)}</em>
      </span>
      <IconButton
        icon="x"
        label={say(reply ? "view.composer.noReply" : "view.composer.noEdit")}
        size={18}
        onClick={close}
      />
    </div>
  );
}
