// People is the list of colleagues; one press opens the talk with a person.
import { useRef, useState } from "preact/hooks";
import type { ErrorCode, User } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { composing } from "../ui/keys.ts";
import { List, type ListHandle } from "../ui/List.tsx";
import { Filter, ListHead } from "./ListHead.tsx";
import { Dot, Marks } from "./Presence.tsx";
import { section } from "./place.ts";
import { Bones } from "./RoomList.tsx";
import css from "./roomlist.module.css";
import { usePeople } from "./usePeople.ts";

export function People({ app }: { readonly app: App }) {
  const [q, setQ] = useState("");
  const [active, setActive] = useState(0);
  const [error, setError] = useState<ErrorCode | null>(null);
  const handle = useRef<ListHandle>(null);
  const people = usePeople(app, q);
  const me = app.me.value?.id;

  const talk = async (u: User) => {
    setError(null);
    const made = await app.createRoom([u.id]);
    if ("error" in made) return setError(made.error);
    section.value = "chats";
    app.open(made.room);
  };
  return (
    <>
      <ListHead title={say("view.people")} />
      <Filter
        label={say("view.people.find")}
        value={q}
        onValue={(v) => {
          setQ(v);
          setActive(0);
        }}
        onKeyDown={(e) => {
          if (e.key !== "ArrowDown" || composing(e) || !people?.length) return;
          e.preventDefault();
          handle.current?.focus(0);
        }}
      />
      {error && (
        <p role="alert" class={css.wrong}>
          {sayError(error)}
        </p>
      )}
      {people === null ? (
        <Bones />
      ) : people.length === 0 ? (
        <div class={css.state}>
          <p>{q ? say("view.people.none", { q }) : say("view.people.empty")}</p>
        </div>
      ) : (
        <List
          class={css.rows}
          label={say("view.people")}
          items={people}
          keyOf={(u) => u.id}
          rowHeight={56}
          active={active}
          onActive={setActive}
          handle={handle}
        >
          {(u, i) => (
            <button
              type="button"
              class={`${css.row} ${css.person}`}
              data-stop
              data-user={u.id}
              tabIndex={i === active ? 0 : -1}
              onFocus={() => setActive(i)}
              onClick={() => void talk(u)}
            >
              <PersonFace user={u} me={me} app={app} />
            </button>
          )}
        </List>
      )}
    </>
  );
}

interface FaceProps {
  readonly user: User;
  readonly me?: string | undefined;
  readonly app: App;
}

export function PersonFace({ user, me, app }: FaceProps) {
  const where = [user.orgName ?? user.org, user.job].filter(Boolean).join(" · ");
  return (
    <>
      <span class={css.face}>
        <Avatar faces={[user]} size={40} />
        <Dot app={app} user={user.id} silent />
      </span>
      <span class={css.text}>
        <span class={css.line}>
          <span class={css.title}>{user.name}</span>
          {user.id === me && <span class={css.members}>{say("view.me")}</span>}
          <Marks app={app} user={user.id} />
        </span>
        <span class={css.last}>{where || user.id}</span>
      </span>
    </>
  );
}
