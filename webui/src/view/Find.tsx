// Find looks for words, a person or a day in the room in front. It leads from hit to hit, the newest first; closing
// it leads back to where the reader was.
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { ErrorCode, Person, RoomID, Seq } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import { composing } from "../ui/keys.ts";
import { useReturn } from "../ui/useReturn.ts";
import { Calendar } from "./Calendar.tsx";
import css from "./find.module.css";
import { Hit } from "./Hit.tsx";
import panelCss from "./members.module.css";
import { finding, heard } from "./place.ts";
import { askable, useSearch } from "./useSearch.ts";

interface Props {
  readonly app: App;
  readonly id: RoomID;
  readonly overlay: boolean;
}

export function Find({ app, id, overlay }: Props) {
  const ask = finding.value;
  const model = app.model(id);
  const [q, setQ] = useState("");
  const [from, setFrom] = useState<Person | undefined>(ask?.from);
  const [at, setAt] = useState(-1);
  const [days, setDays] = useState(false);
  const [listed, setListed] = useState(true); // on a small screen the list gives way to what was found
  const [wrong, setWrong] = useState<ErrorCode | null>(null);
  const box = useRef<HTMLInputElement>(null);
  const part = useRef<HTMLElement>(null);
  useReturn(part); // before the box takes the keyboard
  const list = useRef<HTMLDivElement>(null);
  const listId = useId();
  const { results, busy, error, more } = useSearch(app, { q: q.trim(), room: id, ...(from ? { from: from.id } : {}) });

  // Called again (Ctrl+F, another person): the box is ready for another word.
  useLayoutEffect(() => {
    setFrom(ask?.from);
    setListed(true);
    box.current?.focus();
    box.current?.select();
  }, [ask?.turn]);

  const away = (on: boolean) => {
    const now = finding.peek();
    if (now && now.away !== on) finding.value = { ...now, away: on };
  };
  const jump = async (seq: Seq) => {
    away(true);
    setWrong(await model.jump(seq));
  };
  const show = (i: number) => {
    const m = results?.messages[i];
    if (!m) return;
    setAt(i);
    list.current?.children[i]?.scrollIntoView({ block: "nearest" });
    void jump(m.seq);
    if (i > (results?.messages.length ?? 0) - 10) void more();
  };
  const step = (by: number) => show(Math.max(0, Math.min(at + by, (results?.messages.length ?? 0) - 1)));

  // The newest hit is shown at once; without anything to look for, the reader is back where he was.
  const first = results?.messages[0]?.id;
  useEffect(() => {
    if (first !== undefined) {
      show(0);
      heard.value = say("view.find.heard", { n: results?.count ?? 0 });
    } else {
      setAt(-1);
      if (!askable(q, from)) away(false);
    }
  }, [first, results === null]);

  const close = () => {
    finding.value = null;
  };
  const clear = () => {
    setQ("");
    box.current?.focus();
  };
  useEffect(() => {
    const onKey = (e: KeyboardEvent) => {
      if (e.key !== "F3" || composing(e)) return;
      e.preventDefault();
      step(e.shiftKey ? -1 : 1);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
  const onKeyDown = (e: KeyboardEvent) => {
    if (composing(e)) return;
    if (e.key === "Enter" || e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      step(e.key === "ArrowUp" || (e.key === "Enter" && e.shiftKey) ? -1 : 1);
      if (e.key === "Enter" && overlay && at >= 0) setListed(false);
    }
  };

  const count = results?.messages.length ?? 0;
  const all = results ? `${results.count}${results.many ? "+" : ""}` : "";
  const short = q.trim() !== "" && !askable(q, from);
  const bar = overlay && !listed;
  return (
    <aside
      ref={part}
      class={bar ? css.bar : overlay ? `${panelCss.panel} ${css.over}` : `${panelCss.panel} ${css.side}`}
      aria-label={say("view.find")}
      data-region
      tabIndex={-1}
    >
      <div class={css.top}>
        <div class={css.box}>
          <Icon name="search" size={16} />
          <input
            ref={box}
            type="text"
            role="combobox"
            aria-expanded={count > 0}
            aria-controls={listId}
            aria-activedescendant={at >= 0 ? `${listId}-${at}` : undefined}
            aria-label={say("view.find.hint")}
            placeholder={say("view.find.hint")}
            value={q}
            maxLength={limits.searchRunes}
            spellcheck={false}
            enterkeyhint="search"
            onInput={(e) => {
              setQ(e.currentTarget.value);
              setListed(true);
            }}
            onKeyDown={onKeyDown}
          />
          {q !== "" && (
            <button type="button" aria-label={say("view.clear")} onClick={clear}>
              <Icon name="x" size={14} />
            </button>
          )}
        </div>
        {!bar && (
          <IconButton icon="calendar-days" label={say("view.find.day")} pressed={days} onClick={() => setDays(!days)} />
        )}
        <IconButton icon="x" label={say("view.find.close")} onClick={close} />
      </div>
      {from && !bar && (
        <p class={css.chip}>
          <span>{say("view.find.from", { name: from.name })}</span>
          <button type="button" aria-label={say("view.clear")} onClick={() => setFrom(undefined)}>
            <Icon name="x" size={14} />
          </button>
        </p>
      )}
      {days && !bar && (
        <Calendar
          app={app}
          room={id}
          onDay={(seq) => {
            void jump(seq);
            if (overlay) setListed(false);
          }}
        />
      )}
      {count > 0 && (
        <div class={css.steps}>
          <button type="button" class={css.count} disabled={!overlay} onClick={() => setListed(!listed)}>
            {say("view.find.count", { at: at + 1, n: all })}
          </button>
          <IconButton icon="arrow-up" size={18} label={say("view.find.older")} onClick={() => step(1)} />
          <IconButton icon="arrow-down" size={18} label={say("view.find.newer")} onClick={() => step(-1)} />
        </div>
      )}
      {(error || wrong) && (
        <p role="alert" class={css.wrong}>
          {sayError((error ?? wrong) as ErrorCode)}
        </p>
      )}
      {!bar && (
        <div
          ref={list}
          id={listId}
          class={css.hits}
          role="listbox"
          aria-label={say("view.find.hits")}
          aria-busy={busy}
          onScroll={(e) => {
            const s = e.currentTarget;
            if (s.scrollHeight - s.scrollTop - s.clientHeight < 400) void more();
          }}
        >
          {results?.messages.map((m, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the keyboard stays in the box above
            <div
              key={m.id}
              id={`${listId}-${i}`}
              role="option"
              aria-selected={i === at}
              class={i === at ? `${css.hit} ${css.at}` : css.hit}
              onClick={() => {
                show(i);
                if (overlay) setListed(false);
              }}
            >
              <Hit message={m} context={results.contexts[i]} number={i + 1} />
            </div>
          ))}
        </div>
      )}
      {!bar && count === 0 && (
        <p class={css.none} aria-live="polite">
          {busy
            ? say("view.find.busy")
            : short
              ? say("view.find.short")
              : results
                ? say("view.find.none")
                : days
                  ? ""
                  : say("view.find.about")}
        </p>
      )}
    </aside>
  );
}
