// Actions are the few things done most often to a message, beside it while the pointer or the keyboard is there.
import type { Bubble } from "../state/app.ts";
import { say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import css from "./bubble.module.css";
import { mayReply } from "./choices.ts";
import { dragged, messageKind } from "./place.ts";
import { showReact } from "./ReactPop.tsx";
import type { Talk } from "./talk.ts";

interface Props {
  readonly talk: Talk;
  readonly b: Bubble;
  readonly menu: (at: HTMLElement) => void;
}

export function Actions({ talk, b, menu }: Props) {
  const m = b.message;
  return (
    <>
      {mayReply(m) && (
        <IconButton
          icon="corner-up-left"
          label={say("view.message.reply")}
          tabIndex={-1}
          size={16}
          onClick={() => talk.reply(m)}
        />
      )}
      {!m.cancelled && (
        <IconButton
          icon="face-slightly-smiling-plus"
          label={say("view.message.react")}
          hasMenu
          tabIndex={-1}
          size={16}
          onClick={(e) => showReact(e.currentTarget, talk, m)}
        />
      )}
      {!m.cancelled && (
        <span
          class={css.grip}
          draggable
          title={say("view.message.drag")}
          aria-hidden="true"
          data-grip
          onDragStart={(e) => {
            dragged.value = m;
            e.dataTransfer?.setData("text/plain", m.body);
            e.dataTransfer?.setData(messageKind, JSON.stringify([m.room, m.id])); // for other windows
            const bubble = e.currentTarget.closest("article")?.querySelector(`.${css.bubble}`);
            if (bubble) e.dataTransfer?.setDragImage(bubble, 12, 12);
          }}
          onDragEnd={() => {
            dragged.value = null;
          }}
        >
          <Icon name="grip-vertical" size={14} />
        </span>
      )}
      <IconButton
        icon="ellipsis"
        label={say("view.message.actions")}
        hasMenu
        tabIndex={-1}
        size={16}
        onClick={(e) => menu(e.currentTarget)}
      />
    </>
  );
}
