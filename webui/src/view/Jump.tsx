// Jump goes to a room or a person by name, from anywhere.
import { useId, useMemo, useRef, useState } from "preact/hooks";
import type { ErrorCode, RoomID, User } from "../gen/protocol.ts";
import type { App, RoomRow } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { composing } from "../ui/keys.ts";
import { around } from "../ui/roving.ts";
import { Badge } from "./Badge.tsx";
import { PersonFace } from "./People.tsx";
import css from "./picker.module.css";
import { section } from "./place.ts";
import list from "./roomlist.module.css";
import { besides, useNamed } from "./useNamed.ts";
import { usePeople } from "./usePeople.ts";
import { faces, titleOf } from "./words.ts";

type Hit = { readonly room: RoomRow } | { readonly user: User };

export function Jump({ app, close }: { readonly app: App; readonly close: () => void }) {
  const [q, setQ] = useState("");
  const [at, setAt] = useState(0);
  const [error, setError] = useState<ErrorCode | null>(null);
  const hitsBox = useRef<HTMLDivElement>(null);
  const id = useId();
  const me = app.me.value?.id;
  const people = usePeople(app, q);
  const named = useNamed(app, q);
  const hits = useMemo<readonly Hit[]>(() => {
    const near = named.slice(0, 12);
    const users = q.trim() === "" ? [] : besides(people ?? [], near, me).slice(0, 12);
    return [...near.map((room) => ({ room })), ...users.map((user) => ({ user }))];
  }, [q, named, people, me]);

  const show = (room: RoomID) => {
    close();
    section.value = "chats";
    app.open(room);
  };
  const go = async (hit: Hit) => {
    if ("room" in hit) return show(hit.room.room.id);
    const made = await app.createRoom([hit.user.id]);
    if ("error" in made) setError(made.error);
    else show(made.room);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (composing(e)) return;
    if (e.key === "Enter") {
      e.preventDefault();
      const hit = hits[at];
      if (hit) void go(hit);
      return;
    }
    if (e.key === "Home" || e.key === "End") return;
    const to = around(e, at, hits.length);
    if (to === null) return;
    e.preventDefault();
    setAt(to);
    hitsBox.current?.children[to]?.scrollIntoView({ block: "nearest" });
  };
  return (
    <Dialog title={say("view.jump.title")} close={close}>
      <div class={css.find}>
        <Icon name="search" size={16} />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={id}
          aria-activedescendant={hits[at] ? `${id}-${at}` : undefined}
          aria-label={say("view.jump.hint")}
          placeholder={say("view.jump.hint")}
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
      {error && (
        <p role="alert" class={css.error}>
          {sayError(error)}
        </p>
      )}
      <div ref={hitsBox} id={id} class={css.hits} role="listbox" aria-label={say("view.jump.title")}>
        {hits.map((hit, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the keyboard stays in the box above
          <div
            key={"room" in hit ? hit.room.room.id : hit.user.id}
            id={`${id}-${i}`}
            role="option"
            aria-selected={i === at}
            class={i === at ? `${css.hit} ${css.at}` : css.hit}
            onClick={() => void go(hit)}
          >
            {"room" in hit ? (
              <>
                <Avatar faces={faces(hit.room.room, me)} size={40} />
                <span class={list.text}>
                  <span class={list.title}>{titleOf(hit.room.room)}</span>
                </span>
                <Badge n={hit.room.room.unread} quiet={hit.room.room.muted ?? false} />
              </>
            ) : (
              <>
                <PersonFace user={hit.user} app={app} />
                <span class={css.kind}>{say("view.people.one")}</span>
              </>
            )}
          </div>
        ))}
      </div>
      {hits.length === 0 && q !== "" && <p class={css.none}>{say("view.list.notFound", { q })}</p>}
    </Dialog>
  );
}
