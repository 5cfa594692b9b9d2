// ReactPop offers six emoji beside a message, and all of them behind a plus.
import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Emoji, Message } from "../gen/protocol.ts";
import { say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import { around } from "../ui/roving.ts";
import type { GridProps } from "./EmojiGrid.tsx";
import { react } from "./Reactions.tsx";
import css from "./react.module.css";
import type { Talk } from "./talk.ts";

interface Open {
  readonly talk: Talk;
  readonly m: Message;
  readonly from: HTMLElement;
}
const open = signal<Open | null>(null);
const quick = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as readonly string[] as readonly Emoji[];

export function showReact(from: HTMLElement, talk: Talk, m: Message): void {
  open.value = { from, talk, m };
}

export function ReactPop() {
  const o = open.value;
  return o && <Pop key={o.m.id} o={o} />;
}

function Pop({ o }: { readonly o: Open }) {
  const ref = useRef<HTMLDivElement>(null);
  const [Grid, setGrid] = useState<ComponentType<GridProps> | null>(null);
  const close = (): void => {
    open.value = null;
    if (o.from.isConnected) o.from.focus({ preventScroll: true });
  };
  useLayoutEffect(() => {
    const el = ref.current;
    if (!el) return;
    if (!el.matches(":popover-open")) el.showPopover();
    // A line is as wide as the conversation; what is reacted to stands at one side of it.
    const at = (o.from.querySelector("[data-bubble]") ?? o.from).getBoundingClientRect();
    const box = el.getBoundingClientRect();
    const above = at.top - box.height - 6;
    el.style.left = `${Math.max(8, Math.min(at.left + at.width / 2 - box.width / 2, innerWidth - box.width - 8))}px`;
    el.style.top = `${above > 8 ? above : Math.max(8, Math.min(at.bottom + 6, innerHeight - box.height - 8))}px`;
    el.querySelector<HTMLElement>(Grid ? "input" : "button")?.focus();
  }, [o, Grid]);
  useLayoutEffect(() => {
    const away = (e: Event) => {
      if (!(e.target instanceof Node && ref.current?.contains(e.target))) open.value = null;
    };
    addEventListener("pointerdown", away, true);
    addEventListener("resize", away);
    return () => {
      removeEventListener("pointerdown", away, true);
      removeEventListener("resize", away);
    };
  }, []);
  const take = (emoji: Emoji): void => {
    const mine = o.m.reactions?.some((r) => r.emoji === emoji && r.mine) === true;
    close();
    void react(o.talk, o.m, emoji, !mine);
  };
  return (
    <div
      ref={ref}
      class={css.pop}
      popover="manual"
      role="dialog"
      aria-label={say("view.message.react")}
      tabIndex={-1}
      onKeyDown={(e) => {
        e.stopPropagation();
        if (e.key === "Escape") {
          e.preventDefault();
          close();
          return;
        }
        if (Grid) return;
        const all = [...(ref.current?.querySelectorAll<HTMLElement>("button") ?? [])];
        const turned = e.key === "ArrowLeft" ? "ArrowUp" : e.key === "ArrowRight" ? "ArrowDown" : e.key;
        const to = around(
          { key: turned } as KeyboardEvent,
          all.indexOf(document.activeElement as HTMLElement),
          all.length,
        );
        if (to === null) return;
        e.preventDefault();
        all[to]?.focus();
      }}
    >
      {Grid ? (
        <Grid take={take} />
      ) : (
        <div class={css.quick}>
          {quick.map((emoji) => (
            <button
              key={emoji}
              type="button"
              class={css.one}
              aria-label={emoji}
              aria-pressed={o.m.reactions?.some((r) => r.emoji === emoji && r.mine) === true}
              onClick={() => take(emoji)}
            >
              {emoji}
            </button>
          ))}
          <IconButton
            icon="plus"
            label={say("view.react.all")}
            onClick={() => void import("./EmojiGrid.tsx").then((x) => setGrid(() => x.EmojiGrid))}
          />
        </div>
      )}
    </div>
  );
}
