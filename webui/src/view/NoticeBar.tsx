// NoticeBar is the message pinned on top of a room. Whoever has seen enough of it folds it, for himself.
import { useState } from "preact/hooks";
import type { Quote } from "../gen/protocol.ts";
import type { App, RoomModel } from "../state/app.ts";
import { say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import { mayPin } from "./choices.ts";
import css from "./talkbars.module.css";
import { short } from "./when.ts";

interface Props {
  readonly app: App;
  readonly model: RoomModel;
  readonly jump: (to: Pick<Quote, "id" | "seq">) => void;
}

// Folded is remembered per message, so that another one shows itself.
const key = (room: string): string => `folded/${room}`;

export function NoticeBar({ app, model, jump }: Props) {
  const notice = model.room.value?.notice;
  const [folded, setFolded] = useState(() => localStorage.getItem(key(model.id)));
  const [whole, setWhole] = useState(false);
  if (!notice) return null;
  const closed = folded === notice.id;
  const fold = (on: boolean): void => {
    setFolded(on ? notice.id : null);
    if (on) localStorage.setItem(key(model.id), notice.id);
    else localStorage.removeItem(key(model.id));
  };
  const text = notice.body || say("toast.file");
  if (closed) {
    return (
      <button
        type="button"
        class={css.tab}
        aria-expanded="false"
        aria-label={say("view.notice.open")}
        title={say("view.notice.open")}
        onClick={() => fold(false)}
      >
        <Icon name="megaphone" size={16} />
      </button>
    );
  }
  return (
    <aside class={css.notice} aria-label={say("view.notice")}>
      <Icon name="megaphone" size={18} />
      <button type="button" class={css.text} onClick={() => jump(notice)} title={say("view.notice.jump")}>
        <span class={whole ? css.whole : css.line}>{text}</span>
        <small>{say("view.notice.by", { name: notice.byName, day: short(notice.at) })}</small>
      </button>
      {(text.length > 60 || text.includes("\n")) && (
        <IconButton
          icon={whole ? "chevron-up" : "chevron-down"}
          size={18}
          label={say(whole ? "view.message.fold" : "view.message.whole")}
          onClick={() => setWhole(!whole)}
        />
      )}
      {mayPin({ app, model }) && (
        <IconButton
          icon="pin-off"
          size={18}
          label={say("view.notice.down")}
          onClick={() => void app.acting.peek()?.pin(model.id, null)}
        />
      )}
      <IconButton icon="x" size={18} label={say("view.notice.fold")} onClick={() => fold(true)} />
    </aside>
  );
}
