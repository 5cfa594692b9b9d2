// Composer is the box people write in. What is typed is kept per room; nothing is thrown away because it is too long or the line is down.
import type { TargetedInputEvent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { limits, type Message } from "../gen/protocol.ts";
import type { App, RoomModel } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import { composing, EnterKey } from "../ui/keys.ts";
import { chosenFor, pasted, pick, unchoose } from "./attach.ts";
import { Count, countId, runes, warnFrom } from "./Count.tsx";
import css from "./composer.module.css";
import { later } from "./later.ts";
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
  const files = chosenFor(model.id);
  const parts = later.value;

  const grow = useTall(box);
  const send = () => {
    const el = box.current;
    if (!el) return;
    const body = el.value.replace(/^(\s*\n)+/, "").trimEnd();
    if (body === "" && files.length === 0) return;
    if (runes(body) > limits.textRunes) {
      setOver(true);
      return;
    }
    if (files.length === 0) app.send(model.id, body, quote?.id);
    else if (parts) {
      parts.sendFiles(app, model.id, files, body, quote?.id);
      unchoose(model.id);
    } else return;
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
    if (files.length > 0) box.current?.focus();
  }, [files.length]);
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
      {files.length > 0 && parts && <parts.Plate room={model.id} />}
      <div class={css.row}>
        <button
          type="button"
          class={css.attach}
          aria-label={say("view.file.attach")}
          title={say("view.file.attach")}
          onClick={() => pick(model.id)}
        >
          <Icon name="paperclip" size={20} />
        </button>
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
          onPaste={(e) => {
            if (pasted(model.id, e.clipboardData)) e.preventDefault();
          }}
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
          disabled={(count === 0 && files.length === 0) || tooLong}
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
