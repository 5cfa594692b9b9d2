// Said is what somebody said: picture, name, bubble, foot, and the ways to its actions.
import type { TargetedKeyboardEvent } from "preact";
import { useState } from "preact/hooks";
import type { Bubble } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Icon } from "../ui/Icon.tsx";
import { composing } from "../ui/keys.ts";
import { Body } from "./Body.tsx";
import type { LineProps } from "./BubbleView.tsx";
import css from "./bubble.module.css";
import { Foot } from "./Foot.tsx";
import { fetchLater, later } from "./later.ts";
import { onlyEmoji } from "./lines.ts";
import { choosing } from "./place.ts";
import { Quoted } from "./Quoted.tsx";
import { clock } from "./when.ts";
import { waitsFor } from "./why.ts";
import { told } from "./words.ts";

export function Said({ talk, line, stop, onFocus }: LineProps) {
  const b = line.bubble;
  const m = b.message;
  const parts = later.value;
  // The buttons of a row are most of its elements. They are drawn once somebody comes near; their place is kept.
  const [near, setNear] = useState(false);
  const menu = (at: HTMLElement | MouseEvent): void => {
    fetchLater();
    const offered = parts?.choices(talk, b) ?? [];
    if (offered.length > 0) parts?.showMenu(at, say("view.message.actions"), offered);
  };
  const state = b.state === "sent" ? "" : ` ${css[b.state]}`;
  const chosen = choosing.value?.messages;
  const isChosen = chosen?.some((x) => x.id === m.id);
  const choose = (): void => {
    if (chosen && b.state === "sent") parts?.toggleChosen(m);
  };
  const onKeyDown = (e: TargetedKeyboardEvent<HTMLElement>) => {
    if (e.target !== e.currentTarget || composing(e)) return;
    if (chosen && (e.key === " " || e.key === "Enter")) {
      e.preventDefault();
      choose();
    } else if (e.key === "Enter") {
      e.preventDefault();
      menu(e.currentTarget.querySelector<HTMLElement>(`.${css.bubble}`) ?? e.currentTarget);
    }
  };
  return (
    <article
      class={`${css.said} ${b.mine ? css.mine : css.theirs}${state}${isChosen ? ` ${css.chosen}` : ""}`}
      aria-label={label(talk.app, b)}
      data-stop
      data-message={b.key}
      data-state={b.state}
      data-seq={m.seq}
      tabIndex={stop ? 0 : -1}
      onPointerEnter={() => setNear(true)}
      onFocus={(e) => {
        setNear(true);
        if (e.target === e.currentTarget) onFocus();
      }}
      onKeyDown={onKeyDown}
      onClickCapture={(e) => {
        if (!chosen || (e.target as Element).closest("input")) return;
        e.preventDefault();
        e.stopPropagation();
        choose();
      }}
      onContextMenu={(e) => {
        // Marked text keeps the browser's own menu, links theirs.
        if (getSelection()?.isCollapsed === false || (e.target as Element).closest("a")) return;
        menu(e);
      }}
    >
      {chosen && (
        <input
          type="checkbox"
          class={css.check}
          checked={isChosen}
          disabled={b.state !== "sent"}
          aria-label={say("view.message.choose")}
          tabIndex={-1}
          onChange={choose}
        />
      )}
      {!b.mine && (
        <span class={css.face}>
          {line.first && <Avatar faces={[{ id: m.sender, name: m.senderName }]} size={36} />}
        </span>
      )}
      <div class={css.column}>
        {!b.mine && line.first && <span class={css.name}>{m.senderName}</span>}
        <div class={css.row}>
          <div class={look(b)} data-bubble>
            {m.forwarded && !m.cancelled && (
              <span class={css.forwarded}>
                <Icon name="forward" size={12} />
                {say("view.message.forwarded")}
              </span>
            )}
            {m.urgent && !m.cancelled && (
              <span class={css.urgent}>
                <Icon name="siren" size={14} />
                {say("view.message.urgent")}
              </span>
            )}
            <Quoted talk={talk} b={b} />
            <Body talk={talk} b={b} />
          </div>
          <Foot talk={talk} line={line} />
          {b.state === "sent" && !chosen && (
            <div class={css.actions}>{near && parts && <parts.Actions talk={talk} b={b} menu={menu} />}</div>
          )}
        </div>
        {m.reactions && !m.cancelled && parts && <parts.Reactions talk={talk} m={m} />}
        {b.state === "failed" && parts && <parts.Failed talk={talk} b={b} />}
      </div>
    </article>
  );
}

function look(b: Bubble): string {
  const m = b.message;
  if (m.cancelled) return `${css.bubble} ${css.dim}`;
  if (!m.reply && !m.forwarded && !m.urgent && onlyEmoji(m.body)) return `${css.bubble} ${css.emoji}`;
  return css.bubble ?? "";
}

function label(app: LineProps["talk"]["app"], b: Bubble): string {
  const m = b.message;
  const parts = [b.mine ? say("view.me") : m.senderName, told(m), clock(m.at)];
  if (m.edited && !m.cancelled) parts.push(say("view.message.edited"));
  if (b.state === "pending") parts.push(waitsFor(app));
  else if (b.state === "failed") parts.push(say("view.message.failed"));
  else if (m.unread > 0 && !m.cancelled) parts.push(say("view.message.unread", { n: m.unread }));
  return parts.join(", ");
}
