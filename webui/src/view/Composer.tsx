// Composer is the box people write in. What is typed is kept per room; nothing is thrown away because it is too long or the line is down.
import type { TargetedInputEvent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { limits, type Message } from "../gen/protocol.ts";
import type { App, RoomModel } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import { composing, EnterKey } from "../ui/keys.ts";
import { Count, countId, runes, warnFrom } from "./Count.tsx";
import css from "./composer.module.css";
import { QuoteBar } from "./QuoteBar.tsx";
import { useTall } from "./useTall.ts";

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

  const grow = useTall(box);
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
  const tooLong = count > limits.textRunes;
  return (
    <form
      class={css.composer}
      aria-label={say("view.composer")}
      onSubmit={(e) => {
        e.preventDefault();
        send();
      }}
    >
      {quote && <QuoteBar quote={quote} close={() => onQuote(null)} />}
      <div class={css.row}>
        <textarea
          ref={box}
          rows={1}
          class={css.box}
          aria-label={say("view.composer.label")}
          placeholder={say("view.composer.hint")}
          aria-describedby={count > warnFrom ? countId : undefined}
          aria-invalid={tooLong ? "true" : undefined}
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
          disabled={count === 0 || tooLong}
          aria-label={say("view.composer.send")}
          title={say("view.composer.send")}
        >
          <Icon name="send-horizontal" size={20} />
        </button>
      </div>
      <Count n={count} alert={over} />
    </form>
  );
}
