// Choose is a short sheet for picking one person or one room.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Room, User } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import css from "./find.module.css";
import { Filter } from "./ListHead.tsx";
import { PersonFace } from "./People.tsx";
import { usePeople } from "./usePeople.ts";
import { faces, has } from "./words.ts";

interface Props<T> {
  readonly app: App;
  readonly close: () => void;
  readonly choose: (one: T) => void;
}

export function ChoosePerson({ app, close, choose }: Props<User>) {
  const [q, setQ] = useState("");
  const people = usePeople(app, q) ?? [];
  const take = (u: User) => {
    choose(u);
    close();
  };
  return (
    <Dialog title={say("view.search.from")} close={close}>
      <Filter label={say("view.people.find")} value={q} onValue={setQ} first />
      <Picks none={q !== "" && people.length === 0 ? say("view.people.none", { q }) : null}>
        {people.map((u) => (
          <button key={u.id} type="button" class={css.pick} onClick={() => take(u)}>
            <PersonFace user={u} app={app} me={app.me.value?.id} />
          </button>
        ))}
      </Picks>
    </Dialog>
  );
}

export function ChooseRoom({ app, close, choose }: Props<Room>) {
  const [q, setQ] = useState("");
  const take = (r: Room) => {
    choose(r);
    close();
  };
  const rooms = app.rooms.value.filter(
    ({ room }) => q.trim() === "" || has(room.title, q) || room.members.some((m) => has(m.name, q)),
  );
  return (
    <Dialog title={say("view.search.room")} close={close}>
      <Filter label={say("view.list.filter")} value={q} onValue={setQ} first />
      <Picks none={q !== "" && rooms.length === 0 ? say("view.list.notFound", { q }) : null}>
        {rooms.slice(0, 50).map(({ room }) => (
          <button key={room.id} type="button" class={css.pick} onClick={() => take(room)}>
            <Avatar faces={faces(room, app.me.value?.id)} size={40} />
            <span class={css.name}>{room.title}</span>
          </button>
        ))}
      </Picks>
    </Dialog>
  );
}

function Picks({ children, none }: { readonly children: ComponentChildren; readonly none: string | null }) {
  return <div class={css.picks}>{none === null ? children : <p class={css.none}>{none}</p>}</div>;
}
