// Rail is the slim strip of sections; on a narrow screen it is the bar at the bottom.
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { badge } from "./Badge.tsx";
import { fetchLater, later } from "./later.ts";
import { type Section, section, sheet, width } from "./place.ts";
import css from "./rail.module.css";

export function Rail({ app }: { readonly app: App }) {
  const me = app.me.value;
  const total = app.total.value;
  const go = (to: Section) => () => {
    section.value = to;
    if (width.value !== "wide") app.open(null);
  };
  const notes = async () => {
    const made = await app.createRoom([]);
    if ("error" in made) return;
    section.value = "chats";
    app.open(made.room);
  };
  const { state, plain } = app.link.value;
  const online = state === "online";
  const standing = say(online ? (plain ? "view.link.plain" : "view.link.online") : "view.link.away");
  return (
    <nav class={css.rail} data-width={width.value} aria-label={say("view.rail")} data-region tabIndex={-1}>
      <Tab
        icon="messages-square"
        label={say("view.chats")}
        on={section.value === "chats"}
        onClick={go("chats")}
        count={total}
      />
      <Tab icon="users" label={say("view.people")} on={section.value === "people"} onClick={go("people")} />
      <Tab icon="search" label={say("view.search")} on={section.value === "search"} onClick={go("search")} />
      {me?.role && <Tab icon="shield" label={say("admin")} on={section.value === "admin"} onClick={go("admin")} />}
      <span class={css.gap} />
      <Tab
        icon="settings"
        label={say("view.settings")}
        onClick={() => {
          sheet.value = { kind: "settings" };
        }}
      />
      {me && (
        <button
          type="button"
          class={css.me}
          title={plain ? `${me.name} · ${standing}` : me.name}
          aria-haspopup="menu"
          onClick={(e) => {
            fetchLater();
            later.peek()?.showMenu(e.currentTarget, me.name, [
              { label: say("view.self"), icon: "notebook-pen", act: () => void notes() },
              { label: say("view.settings"), icon: "settings", act: () => (sheet.value = { kind: "settings" }) },
              { label: say("view.keys"), icon: "keyboard", act: () => (sheet.value = { kind: "keys" }) },
              { label: say("view.settings.signOut"), icon: "log-out", act: () => void app.signOut() },
            ]);
          }}
        >
          <Avatar faces={[me]} size={36} />
          <span class={online ? css.online : css.offline} />
          <span class="heard">
            {me.name} · {standing}
          </span>
        </button>
      )}
    </nav>
  );
}

interface TabProps {
  readonly icon: IconName;
  readonly label: string;
  readonly on?: boolean;
  readonly count?: number;
  readonly onClick: () => void;
}

function Tab({ icon, label, on = false, count = 0, onClick }: TabProps) {
  return (
    <button type="button" class={css.tab} aria-current={on ? "page" : undefined} onClick={onClick} title={label}>
      <span class={css.icon}>
        <Icon name={icon} size={22} />
        {count > 0 && (
          <span class={css.count} aria-hidden="true">
            {badge(count)}
          </span>
        )}
      </span>
      <span class={css.label}>{label}</span>
      {count > 0 && <span class="heard">{say("view.unread", { n: count })}</span>}
    </button>
  );
}
