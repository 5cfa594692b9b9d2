// BubbleView is one message with everything around it: day, marker, picture, name, time, unread number, actions.
import type { TargetedKeyboardEvent } from "preact";
import type { Message, MessageID } from "../gen/protocol.ts";
import type { App, Bubble, RoomModel } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import { composing } from "../ui/keys.ts";
import { type Choice, showMenu } from "../ui/Menu.tsx";
import { Body } from "./Body.tsx";
import css from "./bubble.module.css";
import { isSystem, type Line, onlyEmoji } from "./lines.ts";
import { sheet } from "./place.ts";
import { clock, fullDay } from "./when.ts";
import { preview, system } from "./words.ts";

interface Props {
  readonly app: App;
  readonly model: RoomModel;
  readonly line: Line;
  readonly stop: boolean;
  readonly onFocus: () => void;
  readonly onReply: (m: Message) => void;
  readonly onQuote: (id: MessageID) => void;
}

export function BubbleView(p: Props) {
  const { line } = p;
  const m = line.bubble.message;
  return (
    <div class={line.last ? `${css.item} ${css.end}` : css.item}>
      {line.day && (
        <div class={css.day}>
          <span>{fullDay(m.at)}</span>
        </div>
      )}
      {line.marker && (
        <div class={css.marker} data-marker>
          <span>{say("view.room.marker")}</span>
        </div>
      )}
      {isSystem(m.type) ? (
        <p class={css.system} data-stop tabIndex={p.stop ? 0 : -1} onFocus={p.onFocus}>
          {system(m)}
        </p>
      ) : (
        <Said {...p} />
      )}
    </div>
  );
}

function Said({ app, model, line, stop, onFocus, onReply, onQuote }: Props) {
  const b = line.bubble;
  const m = b.message;
  const choices = actions(app, model, b, onReply);
  const menu = (at: HTMLElement | MouseEvent) =>
    choices.length > 0 && showMenu(at, say("view.message.actions"), choices);
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
          <div class={bubbleClass(b)}>
            {m.reply && !m.cancelled && <Quoted b={b} onQuote={onQuote} />}
            {m.cancelled ? (
              <span class={css.gone}>
                <Icon name="undo-2" size={14} />
                {say("view.message.cancelled")}
              </span>
            ) : (
              <Body text={m.body} />
            )}
          </div>
          <div class={css.foot}>
            {b.state === "sent" && m.unread > 0 && !m.cancelled && (
              <span class={css.unread} title={say("view.message.unread", { n: m.unread })} data-unread={m.unread}>
                {m.unread}
              </span>
            )}
            {b.state === "pending" && (
              <span class={css.wait} role="img" aria-label={say("view.message.pending")}>
                <Icon name="clock" size={12} />
              </span>
            )}
            {b.state !== "pending" && line.last && <time dateTime={m.at}>{clock(m.at)}</time>}
          </div>
          {b.state === "sent" && choices.length > 0 && (
            <div class={css.actions}>
              {!m.cancelled && (
                <IconButton
                  icon="corner-up-left"
                  label={say("view.message.reply")}
                  tabIndex={-1}
                  size={16}
                  onClick={() => onReply(m)}
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
        {b.state === "failed" && <Failed app={app} model={model} b={b} />}
      </div>
    </article>
  );
}

function bubbleClass(b: Bubble): string {
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

function actions(app: App, model: RoomModel, b: Bubble, onReply: (m: Message) => void): readonly Choice[] {
  const m = b.message;
  if (b.state === "pending" || m.cancelled) return [];
  const copy: Choice = {
    label: say("view.message.copy"),
    icon: "copy",
    act: () => void navigator.clipboard?.writeText(m.body),
  };
  if (b.state === "failed") {
    return [
      { label: say("view.message.resend"), icon: "rotate-cw", act: () => app.resend(model.id, m.id) },
      copy,
      { label: say("view.message.discard"), icon: "trash", danger: true, act: () => app.discard(model.id, m.id) },
    ];
  }
  const out: Choice[] = [{ label: say("view.message.reply"), icon: "corner-up-left", act: () => onReply(m) }, copy];
  if (b.mine) {
    out.push({
      label: say("view.message.cancel"),
      icon: "undo-2",
      danger: true,
      act: () => {
        sheet.value = { kind: "cancel", room: model.id, message: m.id };
      },
    });
  }
  return out;
}

function Quoted({ b, onQuote }: { readonly b: Bubble; readonly onQuote: (id: MessageID) => void }) {
  const q = b.quoted;
  const id = b.message.reply;
  if (!q || !id) return <span class={css.quoted}>{say("view.message.quoteGone")}</span>;
  return (
    <button type="button" class={css.quoted} tabIndex={-1} onClick={() => onQuote(id)}>
      <b>{q.senderName}</b>
      <span>{preview(q)}</span>
    </button>
  );
}

function Failed({ app, model, b }: { readonly app: App; readonly model: RoomModel; readonly b: Bubble }) {
  const why = b.code && b.code !== "unavailable" ? sayError(b.code) : say("view.message.failed");
  return (
    <div class={css.trouble} role="group" aria-label={say("view.message.failed")}>
      <span>
        <Icon name="circle-alert" size={14} />
        {why}
      </span>
      <button type="button" onClick={() => app.resend(model.id, b.message.id)}>
        {say("view.message.resend")}
      </button>
      <button type="button" onClick={() => app.discard(model.id, b.message.id)}>
        {say("view.message.discard")}
      </button>
    </div>
  );
}
