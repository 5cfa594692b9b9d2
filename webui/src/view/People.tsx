// People is the organisation and whoever is looked for in it. A press opens the talk with a person; several chosen
// ones, or a whole team, start one together.
import { useMemo, useRef, useState } from "preact/hooks";
import type { ErrorCode, User, UserID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { Org } from "../state/org.ts";
import { say, sayError } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Button, IconButton } from "../ui/Controls.tsx";
import { composing } from "../ui/keys.ts";
import { List, type ListHandle } from "../ui/List.tsx";
import { showMenu } from "../ui/Menu.tsx";
import { Away } from "./Away.tsx";
import { Filter, ListHead } from "./ListHead.tsx";
import { OrgTree } from "./OrgTree.tsx";
import tree from "./orgtree.module.css";
import { Dot, Marks } from "./Presence.tsx";
import { section, sheet } from "./place.ts";
import { Bones } from "./RoomList.tsx";
import css from "./roomlist.module.css";
import { usePeople } from "./usePeople.ts";

export function People({ app }: { readonly app: App }) {
  const [q, setQ] = useState("");
  const [active, setActive] = useState(0);
  const [error, setError] = useState<ErrorCode | null>(null);
  const [chosen, choose] = useState<ReadonlyMap<UserID, User>>(new Map());
  const handle = useRef<ListHandle>(null);
  const org = useMemo(() => new Org(app.http), [app]);
  const asTree = q === "" && !org.none.value;
  const people = usePeople(app, q);
  const me = app.me.value?.id;

  const talk = async (ids: readonly UserID[]) => {
    setError(null);
    const made = await app.createRoom(ids);
    if ("error" in made) return setError(made.error);
    choose(new Map());
    section.value = "chats";
    app.open(made.room);
  };
  const pick = (users: readonly User[], on: boolean) => {
    const next = new Map(chosen);
    for (const u of users) {
      if (on) next.set(u.id, u);
      else next.delete(u.id);
    }
    choose(next);
  };
  const menu = (u: User, at: MouseEvent) =>
    showMenu(at, u.name, [
      { label: say("view.person.talk"), icon: "message-circle", act: () => void talk([u.id]) },
      { label: say("view.person.card"), icon: "users", act: () => (sheet.value = { kind: "person", user: u.id }) },
      { label: say("view.org.choose", { name: u.name }), icon: "check", act: () => pick([u], !chosen.has(u.id)) },
    ]);
  return (
    <>
      <ListHead title={say("view.people")}>
        <IconButton
          icon="ellipsis"
          label={say("view.more")}
          hasMenu
          onClick={(e) =>
            showMenu(e.currentTarget, say("view.people"), [
              { label: say("view.org.openAll"), icon: "plus", act: () => void org.openAll() },
              { label: say("view.org.closeAll"), icon: "x", act: () => org.closeAll() },
            ])
          }
        />
      </ListHead>
      <Filter
        label={say("view.people.find")}
        value={q}
        onValue={(v) => {
          setQ(v);
          setActive(0);
        }}
        onKeyDown={(e) => {
          if (e.key !== "ArrowDown" || composing(e)) return;
          e.preventDefault();
          handle.current?.focus(0);
        }}
      />
      {(error ?? (q === "" ? org.error.value : null)) && (
        <p role="alert" class={css.wrong}>
          {sayError((error ?? org.error.value) as ErrorCode)}
        </p>
      )}
      {asTree ? (
        <OrgTree
          app={app}
          org={org}
          class={chosen.size > 0 ? tree.choosing : undefined}
          chosen={new Set(chosen.keys())}
          onChoose={pick}
          onPress={(u) => void talk([u.id])}
          onMenu={menu}
          handle={handle}
        />
      ) : people === null ? (
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
              onClick={() => void talk([u.id])}
              onContextMenu={(e) => menu(u, e)}
            >
              <PersonFace user={u} me={me} app={app} />
            </button>
          )}
        </List>
      )}
      {chosen.size > 0 && (
        <div class={tree.bar}>
          <span role="status">{say("view.org.chosen", { n: chosen.size })}</span>
          <Button onClick={() => choose(new Map())}>{say("view.no")}</Button>
          <Button kind="primary" onClick={() => void talk([...chosen.keys()].filter((id) => id !== me))}>
            {say("view.person.talk")}
          </Button>
        </div>
      )}
    </>
  );
}

interface FaceProps {
  readonly user: User;
  readonly me?: string | undefined;
  readonly app: App;
}

// PersonFace is a person in a row. A press on the picture opens the card.
export function PersonFace({ user, me, app }: FaceProps) {
  const now = app.persons.value?.of(user.id).value ?? user;
  const where = [user.orgName ?? user.org, user.job].filter(Boolean).join(" · ");
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: a short cut for the pointer; the menu has the card too */}
      <span
        class={css.face}
        data-card
        onClick={(e) => {
          e.stopPropagation();
          sheet.value = { kind: "person", user: user.id };
        }}
      >
        <Avatar faces={[user]} size={40} />
        <Dot app={app} user={user.id} silent />
      </span>
      <span class={css.text}>
        <span class={css.line}>
          <span class={css.title}>{user.name}</span>
          {user.id === me && <span class={css.members}>{say("view.me")}</span>}
          <Away absence={now.absence} />
          <Marks app={app} user={user.id} />
        </span>
        <span class={css.last}>{[where || user.id, now.nick].filter(Boolean).join(" · ")}</span>
      </span>
    </>
  );
}
