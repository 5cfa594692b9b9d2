// Mentions offers the members of the room while "@…" is typed, also in the middle of a composition and by initial
// consonants. The keyboard stays in the box.
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { UserID } from "../gen/protocol.ts";
import type { App, RoomModel } from "../state/app.ts";
import { finds, starts } from "../text/hangul.ts";
import { asked, everybody } from "../text/mentions.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Icon } from "../ui/Icon.tsx";
import { composing } from "../ui/keys.ts";
import { around } from "../ui/roving.ts";
import css from "./mentions.module.css";

interface Props {
  readonly app: App;
  readonly model: RoomModel;
  readonly box: RefObject<HTMLTextAreaElement | null>;
  readonly picked: Map<string, UserID>; // whom a name means, where two share it
  readonly write: (text: string, caret: number) => void;
}

const most = 8;
const listId = "mention-list";

export function Mentions({ app, model, box, picked, write }: Props) {
  const [ask, setAsk] = useState<ReturnType<typeof asked>>(null);
  const [at, setAt] = useState(0);
  const shut = useRef(-1); // the sign whose list was closed by Esc
  const me = app.me.value?.id;
  const members = model.room.value?.members;
  const hits = useMemo(() => {
    if (!ask) return [];
    const others = (members ?? []).filter((m) => m.id !== me && !m.left && finds(m.name, ask.q));
    others.sort((a, b) => Number(starts(b.name, ask.q)) - Number(starts(a.name, ask.q)));
    const all = { id: everybody, name: say("view.mention.all") };
    const found = ask.q === "" || finds(all.name, ask.q) || finds("everyone", ask.q);
    return [...(found && others.length > 1 ? [all] : []), ...others].slice(0, most);
  }, [ask, members, me]);
  const shown = hits.length > 0;

  // The list follows the text before the caret, whoever changed it.
  const look = (): void => {
    const el = box.current;
    const next =
      el && document.activeElement === el && el.selectionStart === el.selectionEnd
        ? asked(el.value, el.selectionStart)
        : null;
    if (next?.at !== shut.current) shut.current = -1;
    const now = next && next.at === shut.current ? null : next;
    setAsk((was) => (was?.q === now?.q && was?.at === now?.at ? was : now));
    setAt(0);
  };
  const take = (i: number): void => {
    const el = box.current;
    const hit = hits[i];
    if (!el || !hit || !ask) return;
    picked.set(hit.name, hit.id);
    const before = `${el.value.slice(0, ask.at)}@${hit.name} `;
    const rest = el.value.slice(el.selectionStart).replace(/^ /, "");
    setAsk(null);
    write(before + rest, before.length);
  };
  const now = useRef({ take, at, hits, ask });
  now.current = { take, at, hits, ask };

  useEffect(() => {
    const el = box.current;
    if (!el) return;
    const onKey = (e: KeyboardEvent): void => {
      const { take, at, hits, ask } = now.current;
      if (!ask || hits.length === 0) return;
      if (e.key === "Escape") {
        // In a composition Esc belongs to the input method.
        if (composing(e)) return;
        shut.current = ask.at;
        setAsk(null);
      } else if ((e.key === "Enter" || e.key === "Tab") && !e.shiftKey) {
        // The syllable that is being composed is finished by the input method, then the name takes its place.
        if (composing(e)) {
          el.addEventListener("compositionend", () => setTimeout(() => now.current.take(at)), { once: true });
          e.stopImmediatePropagation();
          return;
        }
        take(at);
      } else {
        const to = composing(e) ? null : e.key === "Home" || e.key === "End" ? null : around(e, at, hits.length);
        if (to === null) return;
        setAt(to);
      }
      e.preventDefault();
      e.stopImmediatePropagation();
    };
    const gone = (): void => setAsk(null);
    const moved = (): void => {
      if (document.activeElement === el) look();
    };
    el.addEventListener("keydown", onKey, true);
    el.addEventListener("input", look);
    el.addEventListener("blur", gone);
    document.addEventListener("selectionchange", moved);
    return () => {
      el.removeEventListener("keydown", onKey, true);
      el.removeEventListener("input", look);
      el.removeEventListener("blur", gone);
      document.removeEventListener("selectionchange", moved);
    };
  }, [box]);

  useEffect(() => {
    const el = box.current;
    if (!el) return;
    if (shown) {
      el.setAttribute("aria-controls", listId);
      el.setAttribute("aria-activedescendant", `${listId}-${at}`);
    } else {
      el.removeAttribute("aria-controls");
      el.removeAttribute("aria-activedescendant");
    }
  }, [box, shown, at]);

  if (!shown) return null;
  return (
    <div class={css.list} id={listId} role="listbox" aria-label={say("view.mention")}>
      {hits.map((h, i) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the keyboard stays in the box
        <div
          key={h.id}
          id={`${listId}-${i}`}
          role="option"
          aria-selected={i === at}
          class={i === at ? `${css.hit} ${css.at}` : css.hit}
          data-mention={h.id}
          onPointerDown={(e) => {
            e.preventDefault(); // the box keeps the keyboard
            take(i);
          }}
        >
          {h.id === everybody ? (
            <span class={css.all}>
              <Icon name="users" size={16} />
            </span>
          ) : (
            <Avatar faces={[h]} size={28} />
          )}
          <span>{h.name}</span>
          {h.id === everybody && <small>{say("view.mention.allHint", { n: (members?.length ?? 1) - 1 })}</small>}
        </div>
      ))}
    </div>
  );
}
