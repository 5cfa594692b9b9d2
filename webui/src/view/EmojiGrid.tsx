// EmojiGrid shows all emoji by kind, and finds them by their names in the reader's language.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Emoji } from "../gen/protocol.ts";
import { type Key, lang, say } from "../text/say.ts";
import { composing } from "../ui/keys.ts";
import css from "./react.module.css";
import { has } from "./words.ts";

export interface GridProps {
  readonly take: (emoji: Emoji) => void;
}
type Row = readonly [emoji: string, group: number, words: string];

const books = { ko: () => import("virtual:emoji/ko"), en: () => import("virtual:emoji/en") };
const groups: readonly (readonly [group: number, face: string, label: Key])[] = [
  [0, "😀", "view.emoji.smileys"],
  [1, "👋", "view.emoji.people"],
  [3, "🐻", "view.emoji.nature"],
  [4, "🍔", "view.emoji.food"],
  [5, "🚗", "view.emoji.travel"],
  [6, "⚽", "view.emoji.activities"],
  [7, "💡", "view.emoji.objects"],
  [8, "❤️", "view.emoji.symbols"],
  [9, "🏳️", "view.emoji.flags"],
];
const most = 120;
const columns = 8;

export function EmojiGrid({ take }: GridProps) {
  const [all, setAll] = useState<readonly Row[]>([]);
  const [q, setQ] = useState("");
  const [group, setGroup] = useState(0);
  const grid = useRef<HTMLDivElement>(null);
  const l = lang.value;
  useEffect(() => {
    let here = true;
    void books[l]().then((m) => here && setAll(m.default));
    return () => {
      here = false;
    };
  }, [l]);
  const shown = useMemo(
    () => (q.trim() ? all.filter((r) => has(r[2], q)).slice(0, most) : all.filter((r) => r[1] === group)),
    [all, q, group],
  );
  const onKeyDown = (e: KeyboardEvent) => {
    if (composing(e)) return;
    const cells = [...(grid.current?.querySelectorAll<HTMLElement>("button") ?? [])];
    const at = cells.indexOf(document.activeElement as HTMLElement);
    const by = { ArrowDown: columns, ArrowUp: -columns, ArrowRight: 1, ArrowLeft: -1 }[e.key];
    if (by === undefined || (at < 0 && e.key !== "ArrowDown")) return;
    e.preventDefault();
    if (at >= 0 && at + by < 0) grid.current?.parentElement?.querySelector("input")?.focus();
    else cells[at < 0 ? 0 : Math.min(at + by, cells.length - 1)]?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: arrow keys walk its cells
    <div class={css.all} onKeyDown={onKeyDown}>
      <input
        type="search"
        class={css.find}
        placeholder={say("view.emoji.find")}
        aria-label={say("view.emoji.find")}
        value={q}
        onInput={(e) => setQ(e.currentTarget.value)}
      />
      {q.trim() === "" && (
        <div class={css.tabs} role="tablist" aria-label={say("view.emoji.groups")}>
          {groups.map(([n, face, label]) => (
            <button
              key={n}
              type="button"
              role="tab"
              aria-selected={n === group}
              aria-label={say(label)}
              title={say(label)}
              onClick={() => setGroup(n)}
            >
              {face}
            </button>
          ))}
        </div>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard has to reach it */}
      <div class={css.grid} ref={grid} role="group" aria-label={say("view.emoji.list")} tabIndex={0}>
        {shown.map(([emoji, , words]) => (
          <button
            key={emoji}
            type="button"
            class={css.one}
            aria-label={words.split(" ").slice(0, 3).join(" ")}
            title={words}
            onClick={() => take(emoji as Emoji)}
          >
            {emoji}
          </button>
        ))}
        {all.length > 0 && shown.length === 0 && <p class={css.none}>{say("view.emoji.none")}</p>}
      </div>
    </div>
  );
}
