// Said is what somebody said: picture, name, bubble, foot, and the ways to its actions.
import type { TargetedKeyboardEvent } from "preact";
import type { Bubble } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { IconButton } from "../ui/Controls.tsx";
import { composing } from "../ui/keys.ts";
import { showMenu } from "../ui/Menu.tsx";
import { Body } from "./Body.tsx";
import type { LineProps } from "./BubbleView.tsx";
import css from "./bubble.module.css";
import { choices } from "./choices.ts";
import { Failed } from "./Failed.tsx";
import { Foot } from "./Foot.tsx";
import { onlyEmoji } from "./lines.ts";
import { Quoted } from "./Quoted.tsx";
import { clock } from "./when.ts";
import { preview } from "./words.ts";

export function Said({ talk, line, stop, onFocus }: LineProps) {
  const b = line.bubble;
  const m = b.message;
  const offered = choices(talk, b);
  const menu = (at: HTMLElement | MouseEvent) =>
    offered.length > 0 && showMenu(at, say("view.message.actions"), offered);
  const state = b.state === "sent" ? "" : ` ${css[b.state]}`;
  const onKeyDown = (e: TargetedKeyboardEvent<HTMLElement>) => {
    if (e.target !== e.currentTarget || composing(e) || e.key !== "Enter") return;
    e.preventDefault();
    menu(e.currentTarget.querySelector<HTMLElement>(`.${css.bubble}`) ?? e.currentTarget);
  };
  return (
    <article
      class={`${css.said} ${b.mine ? css.mine : css.theirs}${state}`}
      aria-label={label(b)}
      data-stop
      data-message={b.key}
      data-state={b.state}
      data-seq={m.seq}
      tabIndex={stop ? 0 : -1}
      onFocus={(e) => {
        if (e.target === e.currentTarget) onFocus();
      }}
      onKeyDown={onKeyDown}
      onContextMenu={(e) => {
        // Marked text keeps the browser's own menu, links theirs.
        if (getSelection()?.isCollapsed === false || (e.target as Element).closest("a")) return;
        menu(e);
      }}
    >
      {!b.mine && (
        <span class={css.face}>
          {line.first && <Avatar faces={[{ id: m.sender, name: m.senderName }]} size={36} />}
        </span>
      )}
      <div class={css.column}>
        {!b.mine && line.first && <span class={css.name}>{m.senderName}</span>}
        <div class={css.row}>
          <div class={look(b)}>
            <Quoted talk={talk} b={b} />
            <Body talk={talk} b={b} />
          </div>
          <Foot line={line} />
          {b.state === "sent" && offered.length > 0 && (
            <div class={css.actions}>
              {!m.cancelled && (
                <IconButton
                  icon="corner-up-left"
                  label={say("view.message.reply")}
                  tabIndex={-1}
                  size={16}
                  onClick={() => talk.reply(m)}
                />
              )}
              <IconButton
                icon="ellipsis"
                label={say("view.message.actions")}
                hasMenu
                tabIndex={-1}
                size={16}
                onClick={(e) => menu(e.currentTarget)}
              />
            </div>
          )}
        </div>
        {b.state === "failed" && <Failed talk={talk} b={b} />}
      </div>
    </article>
  );
}

function look(b: Bubble): string {
  const m = b.message;
  if (m.cancelled) return `${css.bubble} ${css.dim}`;
  if (!m.reply && onlyEmoji(m.body)) return `${css.bubble} ${css.emoji}`;
  return css.bubble ?? "";
}

function label(b: Bubble): string {
  const m = b.message;
  const parts = [b.mine ? say("view.me") : m.senderName, preview(m), clock(m.at)];
  if (b.state === "pending") parts.push(say("view.message.pending"));
  else if (b.state === "failed") parts.push(say("view.message.failed"));
  else if (m.unread > 0 && !m.cancelled) parts.push(say("view.message.unread", { n: m.unread }));
  return parts.join(", ");
}
