// Composer is the box people write in. What is typed is kept per room; nothing is thrown away because it is too long or the line is down.
import type { TargetedInputEvent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { limits, type Message, type UserID } from "../gen/protocol.ts";
import type { App, RoomModel } from "../state/app.ts";
import { quoteOf } from "../state/model.ts";
import { say, sayError } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import { composing, EnterKey } from "../ui/keys.ts";
import { chosenFor, pasted, pick, unchoose } from "./attach.ts";
import { Count, countId, runes, warnFrom } from "./Count.tsx";
import css from "./composer.module.css";
import { later } from "./later.ts";
import { note } from "./place.ts";
import type { Aim } from "./talk.ts";
import { useTall } from "./useTall.ts";

interface Props {
  readonly app: App;
  readonly model: RoomModel;
  readonly aim: Aim | null;
  readonly onAim: (aim: Aim | null) => void;
}

export function Composer({ app, model, aim, onAim }: Props) {
  const box = useRef<HTMLTextAreaElement>(null);
  const touched = useRef(false);
  const [count, setCount] = useState(0);
  const [over, setOver] = useState(false); // tried to send too much
  const [urgent, setUrgent] = useState(false);
  const draft = model.draft.value;
  const files = chosenFor(model.id);
  const parts = later.value;

  const picked = useMemo(() => new Map<string, UserID>(), []);
  const quote = aim?.kind === "reply" ? aim.message : undefined;
  const edited = aim?.kind === "edit" ? aim.message : undefined;

  const most = app.windows.value.urgent;
  const urges = urgent && most > 0 && !edited;

  const grow = useTall(box);
  // write puts a text into the box; what is edited is no draft.
  const write = (text: string, caret = text.length) => {
    const el = box.current;
    if (!el) return;
    el.value = text;
    el.setSelectionRange(caret, caret);
    if (!edited) model.setDraft(text);
    setCount(runes(text));
    setOver(false);
    grow();
    el.focus();
  };
  const edit = (el: HTMLTextAreaElement, before: Message, body: string) => {
    const mentions = whom(body);
    leave();
    if (body === before.body) return;
    void app.acting
      .peek()
      ?.edit(model.id, before, body, mentions)
      .then((bad) => {
        if (!bad) return;
        // Nothing that was typed is lost: it stands in the box again, unless something else does.
        note(say("view.composer.editFailed", { why: sayError(bad) }));
        if (el.value !== "") return;
        onAim({ kind: "edit", message: before });
        el.value = body;
        setCount(runes(body));
        grow();
      });
  };
  // leave ends a reply or an edit; the draft that stood there before an edit comes back.
  const leave = () => {
    const el = box.current;
    if (edited && el) {
      el.value = model.draft.peek();
      setCount(runes(el.value));
      setOver(false);
    }
    onAim(null);
    grow();
  };
  const urge = (on: boolean) => {
    setUrgent(on);
    box.current?.focus();
  };
  const whom = (body: string) => {
    const people = model.room.peek()?.members ?? [];
    return [...new Set((parts?.mentionsIn(body, people, picked) ?? []).map((p) => p.id))].slice(0, limits.mentions);
  };
  const send = () => {
    const el = box.current;
    if (!el) return;
    const body = el.value.replace(/^(\s*\n)+/, "").trimEnd();
    if (body === "" && files.length === 0) return;
    if (runes(body) > limits.textRunes) {
      setOver(true);
      return;
    }
    if (edited) return edit(el, edited, body);
    if (files.length === 0) {
      const mentions = whom(body);
      app.send(model.id, body, {
        mentions,
        ...(quote ? { quote: quoteOf(quote) } : {}),
        ...(urges ? { urgent: true } : {}),
      });
    } else if (parts) {
      parts.sendFiles(app, model.id, files, body, { reply: quote?.id, urgent: urges });
      unchoose(model.id);
    } else return;
    el.value = "";
    model.setDraft("");
    setCount(0);
    setOver(false);
    setUrgent(false);
    onAim(null);
    picked.clear();
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
    if (!el || edited || el.value === draft || (touched.current && document.activeElement === el)) return;
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
    const el = box.current;
    if (aim) el?.focus();
    if (aim?.kind !== "edit" || !el || el.value === aim.message.body) return;
    el.value = aim.message.body;
    setCount(runes(el.value));
    grow();
  }, [aim]);

  const onInput = (e: TargetedInputEvent<HTMLTextAreaElement>) => {
    touched.current = true;
    const text = e.currentTarget.value;
    if (!edited) model.setDraft(text);
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
      {aim && parts && <parts.QuoteBar aim={aim} close={leave} />}
      {urges && parts && <parts.UrgentBar most={most} close={() => urge(false)} />}
      {parts && <parts.Mentions app={app} model={model} box={box} picked={picked} write={write} />}
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
            if (e.key === "Escape" && aim && !composing(e)) {
              e.stopPropagation();
              leave();
              return;
            }
            if (e.key === "ArrowUp" && e.currentTarget.value === "" && !aim && !composing(e)) {
              const last = lastEditable(app, model);
              if (last) {
                e.preventDefault();
                onAim({ kind: "edit", message: last });
                return;
              }
            }
            if (enter.keydown(e)) e.preventDefault();
          }}
          onKeyUp={(e) => enter.keyup(e)}
          onBlur={() => enter.blur()}
        />
        {most > 0 && !edited && parts && <parts.UrgentButton on={urges} flip={() => urge(!urges)} />}
        <button
          type="submit"
          class={css.send}
          disabled={(count === 0 && files.length === 0) || tooLong}
          aria-label={say(edited ? "view.composer.save" : "view.composer.send")}
          title={say(edited ? "view.composer.save" : "view.composer.send")}
        >
          <Icon name={edited ? "check" : "send-horizontal"} size={20} />
        </button>
      </div>
      <Count n={count} alert={over} />
    </form>
  );
}

// lastEditable is what the arrow up in an empty box edits: my newest text, while it may be edited.
function lastEditable(app: App, model: RoomModel): Message | undefined {
  const mine = model.bubbles.peek().findLast((b) => b.mine && b.message.type === "talk" && !b.message.cancelled);
  if (mine?.state !== "sent" || !app.acting.peek()) return undefined;
  return Date.now() - Date.parse(mine.message.at) < app.windows.peek().edit ? mine.message : undefined;
}
