// PeoplePicker finds people and keeps those who are chosen. Arrow keys walk the hits, Enter takes one, Backspace gives the last one back.
import { useId, useMemo, useRef, useState } from "preact/hooks";
import type { User, UserID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { Org } from "../state/org.ts";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import { composing } from "../ui/keys.ts";
import type { ListHandle } from "../ui/List.tsx";
import { step } from "../ui/roving.ts";
import { OrgTree } from "./OrgTree.tsx";
import { PersonFace } from "./People.tsx";
import css from "./picker.module.css";
import { usePeople } from "./usePeople.ts";

interface Props {
  readonly app: App;
  readonly chosen: readonly User[];
  readonly onChosen: (users: readonly User[]) => void;
  readonly inside?: ReadonlySet<UserID>; // already in the room
}

const none: ReadonlySet<UserID> = new Set();

export function PeoplePicker({ app, chosen, onChosen, inside }: Props) {
  const [q, setQ] = useState("");
  const [at, setAt] = useState(0);
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const me = app.me.value?.id;
  const found = usePeople(app, q)?.filter((u) => u.id !== me) ?? null;
  const org = useMemo(() => new Org(app.http), [app]);
  const tree = useRef<ListHandle>(null);
  const asTree = q === "" && !org.none.value && !org.error.value;
  const pick = (users: readonly User[], on: boolean) => {
    const rest = chosen.filter((c) => !users.some((u) => u.id === c.id));
    onChosen(on ? [...rest, ...users.filter((u) => u.id !== me)] : rest);
  };
  const has = (u: User) => chosen.some((c) => c.id === u.id);
  const toggle = (u: User) => {
    if (inside?.has(u.id)) return;
    onChosen(has(u) ? chosen.filter((c) => c.id !== u.id) : [...chosen, u]);
    box.current?.focus();
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (composing(e)) return;
    if (e.key === "Backspace" && q === "" && chosen.length > 0) return onChosen(chosen.slice(0, -1));
    if (e.key === "Enter") {
      e.preventDefault();
      if (asTree) return;
      const hit = found?.[at];
      if (hit) {
        toggle(hit);
        if (q !== "") setQ("");
      }
      return;
    }
    if (asTree) {
      if (e.key === "ArrowDown") tree.current?.focus(0);
      return;
    }
    if (e.key === "Home" || e.key === "End") return;
    const to = step(e, at, found?.length ?? 0);
    if (to === null) return;
    e.preventDefault();
    setAt(to);
    list.current?.children[to]?.scrollIntoView({ block: "nearest" });
  };
  return (
    <>
      {chosen.length > 0 && (
        <ul class={css.chips} aria-label={say("view.chosen")}>
          {chosen.map((u) => (
            <li key={u.id}>
              <button
                type="button"
                class={css.chip}
                onClick={() => toggle(u)}
                aria-label={say("view.chosen.drop", { name: u.name })}
              >
                {u.name}
                <Icon name="x" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class={css.find}>
        <Icon name="search" size={16} />
        <input
          ref={box}
          type="text"
          role="combobox"
          aria-expanded={!asTree}
          aria-controls={id}
          aria-activedescendant={!asTree && found?.[at] ? `${id}-${at}` : undefined}
          aria-label={say("view.people.find")}
          placeholder={say("view.people.find")}
          value={q}
          spellcheck={false}
          data-first
          onInput={(e) => {
            setQ(e.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {asTree && (
        <OrgTree
          app={app}
          org={org}
          class={`${css.hits} ${css.org}`}
          chosen={new Set(chosen.map((u) => u.id))}
          onChoose={pick}
          inside={inside ?? none}
          handle={tree}
        />
      )}
      <div
        ref={list}
        id={id}
        hidden={asTree}
        class={css.hits}
        role="listbox"
        aria-multiselectable="true"
        aria-label={say("view.people")}
      >
        {(asTree ? null : found)?.map((u, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the keyboard stays in the box above
          <div
            key={u.id}
            id={`${id}-${i}`}
            role="option"
            aria-selected={has(u)}
            aria-disabled={inside?.has(u.id) ? "true" : undefined}
            class={i === at ? `${css.hit} ${css.at}` : css.hit}
            data-user={u.id}
            onClick={() => {
              setAt(i);
              toggle(u);
            }}
          >
            <PersonFace user={u} app={app} />
            {inside?.has(u.id) ? (
              <span class={css.inside}>{say("view.invite.inside")}</span>
            ) : (
              <span class={has(u) ? css.on : css.off}>{has(u) && <Icon name="check" size={14} />}</span>
            )}
          </div>
        ))}
      </div>
      {!asTree && found?.length === 0 && (
        <p class={css.none}>{q ? say("view.people.none", { q }) : say("view.people.empty")}</p>
      )}
    </>
  );
}
