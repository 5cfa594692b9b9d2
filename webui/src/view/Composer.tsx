// Composer is the box people write in. What is typed is kept per room; nothing is thrown away because it is too long or the line is down.
import type { TargetedInputEvent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { limits, type Message } from "../gen/protocol.ts";
import type { App, RoomModel } from "../state/app.ts";
import { say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import { composing, EnterKey } from "../ui/keys.ts";
import css from "./composer.module.css";
import { preview } from "./words.ts";

const maxLines = 8;
const warnFrom = limits.textRunes - 200;

// runes counts as the server does: in code points.
function runes(text: string): number {
  if (text.length <= warnFrom) return text.length;
  let n = 0;
  for (const _ of text) n++;
  return n;
}

interface Props {
  readonly app: App;
  readonly model: RoomModel;
  readonly quote: Message | null;
  readonly onQuote: (m: Message | null) => void;
}

export function Composer({ app, model, quote, onQuote }: Props) {
  const box = useRef<HTMLTextAreaElement>(null);
  const touched = useRef(false);
  const [count, setCount] = useState(0);
  const [over, setOver] = useState(false); // tried to send too much
  const draft = model.draft.value;

  const grow = () => {
    const el = box.current;
    if (!el) return;
    el.style.height = "auto";
    const line = Number.parseFloat(getComputedStyle(el).lineHeight);
    const frame = el.offsetHeight - el.clientHeight + 18;
    const full = el.scrollHeight;
    el.style.height = `${Math.min(full, Math.round(line * maxLines + frame))}px`;
    el.style.overflowY = full > line * maxLines + frame + 1 ? "auto" : "hidden";
  };

  const send = () => {
    const el = box.current;
    if (!el) return;
    const body = el.value.replace(/^(\s*\n)+/, "").trimEnd();
    if (body === "") return;
    if (runes(body) > limits.textRunes) {
      setOver(true);
      return;
    }
    app.send(model.id, body, quote?.id);
    el.value = "";
    model.setDraft("");
    setCount(0);
    setOver(false);
    onQuote(null);
    grow();
    el.focus();
  };
  const now = useRef(send);
  now.current = send;
  const enter = useMemo(() => new EnterKey(() => now.current()), []);
  useEffect(() => (box.current ? enter.listen(box.current) : undefined), [enter]);

  // The kept draft arrives after the room is shown; it never writes over what is being typed.
  useLayoutEffect(() => {
    const el = box.current;
    if (!el || el.value === draft || (touched.current && document.activeElement === el)) return;
    el.value = draft;
    setCount(runes(draft));
    grow();
  }, [draft]);

  // The lines break elsewhere when the width changes.
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    let width = el.clientWidth;
    const look = new ResizeObserver(() => {
      if (el.clientWidth === width) return;
      width = el.clientWidth;
      grow();
    });
    look.observe(el);
    grow();
    return () => look.disconnect();
  }, []);

  // A room that opens gets the keyboard, except on touch screens, where that would raise the keyboard on the glass.
  useEffect(() => {
    if (matchMedia("(hover: hover)").matches) box.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    if (quote) box.current?.focus();
  }, [quote]);

  const onInput = (e: TargetedInputEvent<HTMLTextAreaElement>) => {
    touched.current = true;
    const text = e.currentTarget.value;
    model.setDraft(text);
    const n = runes(text);
    setCount(n);
    if (n <= limits.textRunes) setOver(false);
    grow();
  };
  const left = limits.textRunes - count;
  return (
    <form
      class={css.composer}
      aria-label={say("view.composer")}
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      {quote && (
        <div class={css.quote}>
          <Icon name="corner-up-left" size={16} />
          <span>
            <b>{say("view.composer.replyTo", { name: quote.senderName })}</b>
            <em>{preview(quote)}</em>
          </span>
          <IconButton icon="x" label={say("view.composer.noReply")} size={18} onClick={() => onQuote(null)} />
        </div>
      )}
      <div class={css.row}>
        <textarea
          ref={box}
          rows={1}
          class={css.box}
          aria-label={say("view.composer.label")}
          placeholder={say("view.composer.hint")}
          aria-describedby={count > warnFrom ? "composer-count" : undefined}
          aria-invalid={left < 0 ? "true" : undefined}
          enterkeyhint="send"
          onInput={onInput}
          onKeyDown={(e) => {
            if (e.key === "Escape" && quote && !composing(e)) {
              e.stopPropagation();
              onQuote(null);
              return;
            }
            if (enter.keydown(e)) e.preventDefault();
          }}
          onKeyUp={(e) => enter.keyup(e)}
          onBlur={() => enter.blur()}
        />
        <button
          type="submit"
          class={css.send}
          disabled={count === 0 || left < 0}
          aria-label={say("view.composer.send")}
          title={say("view.composer.send")}
        >
          <Icon name="send-horizontal" size={20} />
        </button>
      </div>
      {count > warnFrom && (
        <p
          id="composer-count"
          class={left < 0 ? `${css.count} ${css.over}` : css.count}
          role={over ? "alert" : undefined}
        >
          {left < 0 ? say("view.composer.over", { n: -left }) : say("view.composer.left", { n: left })}
        </p>
      )}
    </form>
  );
}
