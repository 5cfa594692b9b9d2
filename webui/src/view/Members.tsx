// Members is the panel with the people of the room in front.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Member, RoomID, UserID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Button, IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import { type Choice, showMenu } from "../ui/Menu.tsx";
import { useReturn } from "../ui/useReturn.ts";
import { Away } from "./Away.tsx";
import css from "./members.module.css";
import { Dot, Marks } from "./Presence.tsx";
import { togglePanel } from "./panel.ts";
import { sheet } from "./place.ts";
import { find } from "./shortcuts.ts";

interface Props {
  readonly app: App;
  readonly id: RoomID;
  readonly overlay: boolean;
}

export function Members({ app, id, overlay }: Props) {
  const room = app.model(id).room.value;
  const leave = () => {
    if (room) sheet.value = { kind: "leave", room };
  };
  const [members, setMembers] = useState<readonly Member[]>(room?.members ?? []);
  const count = room?.memberCount;
  useEffect(() => {
    let wanted = true;
    void app.members(id).then((m) => {
      if (wanted && m.length > 0) setMembers(m);
    });
    return () => {
      wanted = false;
    };
  }, [app, id, count]);

  const me = app.me.value?.id;
  // Once all of them are known, events keep them.
  const known = room && room.members.length >= room.memberCount ? room.members : members;
  const here = useMemo(() => inOrder(known, me), [known, me]);
  const master = room?.master;
  const part = useRef<HTMLElement>(null);
  useReturn(part);
  const close = () => {
    if (room) togglePanel(app, room);
  };
  const talk = async (user: UserID) => {
    const made = await app.createRoom([user]);
    if ("room" in made) app.open(made.room);
  };
  const menu = (at: HTMLElement | MouseEvent, m: Member) => {
    const out: Choice[] = [];
    if (m.id !== me) out.push({ label: say("view.talk"), icon: "message-circle", act: () => void talk(m.id) });
    out.push({
      label: say("view.find.from.one", { name: m.name }),
      icon: "search",
      act: () => find(app, { id: m.id, name: m.name }),
    });
    if (me === master && m.id !== me && here.length > 2) {
      const about = { room: id, user: m.id, name: m.name };
      out.push(
        { label: say("view.master.go"), icon: "crown", act: () => (sheet.value = { kind: "master", ...about }) },
        {
          label: say("view.kick"),
          icon: "user-minus",
          danger: true,
          act: () => (sheet.value = { kind: "kick", ...about }),
        },
      );
    }
    showMenu(at, say("view.members.one", { name: m.name }), out);
  };
  return (
    <>
      {overlay && (
        <button type="button" class={css.veil} aria-label={say("view.close")} tabIndex={-1} onClick={close} />
      )}
      <aside
        ref={part}
        class={overlay ? `${css.panel} ${css.over}` : css.panel}
        aria-label={say("view.members")}
        data-region
        tabIndex={-1}
      >
        <header class={css.head}>
          <h2>
            {say("view.members")} <span>{count ?? here.length}</span>
          </h2>
          <IconButton icon="x" label={say("view.close")} onClick={close} />
        </header>
        {room?.self ? null : (
          <div class={css.invite}>
            <Button wide onClick={() => (sheet.value = { kind: "invite", room: id })}>
              <Icon name="user-plus" size={18} />
              {say("view.invite")}
            </Button>
          </div>
        )}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is reached by the keyboard */}
        <ul class={css.list} tabIndex={0} aria-label={say("view.members")}>
          {here.map((m) => (
            <li key={m.id} class={css.one} onContextMenu={(e) => menu(e, m)}>
              <button type="button" class={css.who} onClick={() => (sheet.value = { kind: "person", user: m.id })}>
                <span class={css.face}>
                  <Avatar faces={[m]} size={36} />
                  <Dot app={app} user={m.id} silent />
                </span>
                <span class={m.id === master && here.length > 2 ? css.master : css.name}>{m.name}</span>
              </button>
              {m.id === me && <span class={css.note}>{say("view.me")}</span>}
              {m.id === master && here.length > 2 && (
                <span class={css.note} title={say("view.master")}>
                  <Icon name="crown" size={14} />
                  <span class="heard">{say("view.master")}</span>
                </span>
              )}
              <Away absence={app.persons.value?.of(m.id).value?.absence} />
              <Marks app={app} user={m.id} />
              <span class={css.grow} />
              <IconButton
                icon="ellipsis"
                size={18}
                label={say("view.members.one", { name: m.name })}
                hasMenu
                onClick={(e) => menu(e.currentTarget, m)}
              />
            </li>
          ))}
        </ul>
        <footer class={css.foot}>
          <button type="button" class={css.leave} onClick={leave}>
            <Icon name="log-out" size={18} />
            {say("view.leave")}
          </button>
        </footer>
      </aside>
    </>
  );
}

// inOrder has oneself first, then the others by name.
function inOrder(members: readonly Member[], me: UserID | undefined): readonly Member[] {
  return members
    .filter((m) => !m.left)
    .sort((a, b) => Number(b.id === me) - Number(a.id === me) || a.name.localeCompare(b.name, "ko"));
}
