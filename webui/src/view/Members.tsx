// Members is the panel with the people of the room in front.
import { useEffect, useState } from "preact/hooks";
import type { Member, RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Button, IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import css from "./members.module.css";
import { Dot, Marks } from "./Presence.tsx";
import { panel, sheet } from "./place.ts";
import { find } from "./shortcuts.ts";

interface Props {
  readonly app: App;
  readonly id: RoomID;
  readonly overlay: boolean;
}

export function Members({ app, id, overlay }: Props) {
  const room = app.model(id).room.value;
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
  const here = members.filter((m) => !m.left);
  const master = room?.master;
  const close = () => {
    panel.value = false;
  };
  return (
    <>
      {overlay && (
        <button type="button" class={css.veil} aria-label={say("view.close")} tabIndex={-1} onClick={close} />
      )}
      <aside
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
        <div class={css.invite}>
          <Button wide onClick={() => (sheet.value = { kind: "invite", room: id })}>
            <Icon name="user-plus" size={18} />
            {say("view.invite")}
          </Button>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is reached by the keyboard */}
        <ul class={css.list} tabIndex={0} aria-label={say("view.members")}>
          {here.map((m) => (
            <li key={m.id} class={css.one}>
              <span class={css.face}>
                <Avatar faces={[m]} size={36} />
                <Dot app={app} user={m.id} silent />
              </span>
              <span class={css.name}>{m.name}</span>
              {m.id === me && <span class={css.note}>{say("view.me")}</span>}
              {m.id === master && here.length > 2 && (
                <span class={css.note} title={say("view.master")}>
                  <Icon name="crown" size={14} />
                  <span class="heard">{say("view.master")}</span>
                </span>
              )}
              <Marks app={app} user={m.id} />
              <span class={css.grow} />
              <IconButton
                icon="search"
                size={18}
                label={say("view.find.from.one", { name: m.name })}
                onClick={() => find(app, { id: m.id, name: m.name })}
              />
              {me === master && m.id !== me && here.length > 2 && (
                <IconButton
                  icon="user-minus"
                  size={18}
                  label={say("view.kick.one", { name: m.name })}
                  onClick={() => {
                    sheet.value = { kind: "kick", room: id, user: m.id, name: m.name };
                  }}
                />
              )}
            </li>
          ))}
        </ul>
        <footer class={css.foot}>
          <button type="button" class={css.leave} onClick={() => (sheet.value = { kind: "leave", room: id })}>
            <Icon name="log-out" size={18} />
            {say("view.leave")}
          </button>
        </footer>
      </aside>
    </>
  );
}
