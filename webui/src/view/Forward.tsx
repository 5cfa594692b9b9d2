// Forward passes messages on to rooms and people: several at once.
import { useId, useMemo, useRef, useState } from "preact/hooks";
import { type ErrorCode, type FileInfo, limits, type Message, type RoomID, type User } from "../gen/protocol.ts";
import type { App, RoomRow } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Button } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { composing } from "../ui/keys.ts";
import { step } from "../ui/roving.ts";
import { address, gone, iconOf } from "./files/facts.ts";
import { PersonFace } from "./People.tsx";
import css from "./picker.module.css";
import { choosing, note } from "./place.ts";
import list from "./roomlist.module.css";
import bars from "./talkbars.module.css";
import { besides, useNamed } from "./useNamed.ts";
import { usePeople } from "./usePeople.ts";
import { faces, preview } from "./words.ts";

interface Props {
  readonly app: App;
  readonly messages: readonly Message[];
  readonly from: RoomID;
  readonly to?: RoomID | undefined; // chosen already
  readonly close: () => void;
}

type Hit = { readonly key: string; readonly name: string } & ({ readonly row: RoomRow } | { readonly user: User });

export const most = 20; // rooms in one go

export function Forward({ app, messages, from, to, close }: Props) {
  const [q, setQ] = useState("");
  const [at, setAt] = useState(0);
  const [chosen, setChosen] = useState<readonly Hit[]>(() =>
    app.rooms.peek().flatMap((row) => (row.room.id === to ? [hitOf(row)] : [])),
  );
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorCode | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const id = useId();
  const me = app.me.value?.id;
  const people = usePeople(app, q);
  const named = useNamed(app, q);
  const hits = useMemo<readonly Hit[]>(() => {
    const near = named.slice(0, 31);
    const users = q.trim() === "" ? [] : besides(people ?? [], near, me);
    return [
      ...near.filter((row) => row.room.id !== from).map(hitOf),
      ...users.slice(0, 20).map((user) => ({ key: `u ${user.id}`, name: user.name, user })),
    ];
  }, [q, named, people, me, from]);
  const has = (h: Hit): boolean => chosen.some((c) => c.key === h.key);
  const toggle = (h: Hit): void => {
    setChosen(has(h) ? chosen.filter((c) => c.key !== h.key) : [...chosen, h].slice(0, most));
  };
  const go = async (): Promise<void> => {
    setBusy(true);
    const rooms: RoomID[] = [];
    let bad: ErrorCode | null = null;
    for (const h of chosen) {
      if ("row" in h) rooms.push(h.row.room.id);
      else {
        const made = await app.createRoom([h.user.id]);
        if ("error" in made) bad = made.error;
        else rooms.push(made.room);
      }
    }
    bad ??= (await app.acting.peek()?.forward(rooms, messages)) ?? null;
    setBusy(false);
    if (bad) return setError(bad);
    choosing.value = null;
    close();
    note(say("view.forward.done", { n: rooms.length }));
  };
  const onKeyDown = (e: KeyboardEvent) => {
    if (composing(e)) return;
    if (e.key === "Enter") {
      e.preventDefault();
      const hit = hits[at];
      if (hit) toggle(hit);
      return;
    }
    if (e.key === "Backspace" && q === "") return setChosen(chosen.slice(0, -1));
    if (e.key === "Home" || e.key === "End") return;
    const next = step(e, at, hits.length);
    if (next === null) return;
    e.preventDefault();
    setAt(next);
    box.current?.children[next]?.scrollIntoView({ block: "nearest" });
  };
  const first = messages[0];
  return (
    <Dialog
      title={say("view.forward")}
      close={close}
      foot={
        <Button kind="primary" disabled={chosen.length === 0} busy={busy} onClick={() => void go()}>
          {chosen.length === 0 ? say("view.message.forward") : say("view.forward.go", { n: chosen.length })}
        </Button>
      }
    >
      <p class={bars.what}>
        {messages.length === 1 && first?.file ? <Leaf f={first.file} /> : <Icon name="forward" size={14} />}
        {messages.length === 1 ? preview(first) : say("view.select.count", { n: messages.length })}
      </p>
      {chosen.length > 0 && (
        <ul class={css.chips} aria-label={say("view.chosen")}>
          {chosen.map((h) => (
            <li key={h.key}>
              <button
                type="button"
                class={css.chip}
                onClick={() => toggle(h)}
                aria-label={say("view.chosen.drop", { name: h.name })}
              >
                {h.name}
                <Icon name="x" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
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
          maxLength={limits.searchRunes}
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
      <div
        ref={box}
        id={id}
        class={css.hits}
        role="listbox"
        aria-multiselectable="true"
        aria-label={say("view.forward.where")}
      >
        {hits.map((h, i) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: the keyboard stays in the box above
          <div
            key={h.key}
            id={`${id}-${i}`}
            role="option"
            aria-selected={has(h)}
            class={i === at ? `${css.hit} ${css.at}` : css.hit}
            data-room={"row" in h ? h.row.room.id : undefined}
            onClick={() => {
              setAt(i);
              toggle(h);
            }}
          >
            {"row" in h ? (
              <>
                <Avatar faces={faces(h.row.room, me)} size={40} />
                <span class={list.text}>
                  <span class={list.title}>{h.name}</span>
                </span>
              </>
            ) : (
              <PersonFace user={h.user} app={app} />
            )}
            <span class={has(h) ? css.on : css.off}>{has(h) && <Icon name="check" size={14} />}</span>
          </div>
        ))}
      </div>
      {hits.length === 0 && q !== "" && <p class={css.none}>{say("view.list.notFound", { q })}</p>}
      {error && (
        <p role="alert" class={css.error}>
          {sayError(error)}
        </p>
      )}
    </Dialog>
  );
}

// Leaf is what a file looks like, small.
function Leaf({ f }: { readonly f: FileInfo }) {
  const [bad, setBad] = useState(false);
  if (!f.thumb || bad || gone(f, Date.now())) return <Icon name={iconOf(f.kind)} size={20} />;
  return <img src={address(f, "thumb")} alt="" class={bars.leaf} onError={() => setBad(true)} />;
}

function hitOf(row: RoomRow): Hit {
  return { key: `r ${row.room.id}`, name: row.room.title, row };
}
