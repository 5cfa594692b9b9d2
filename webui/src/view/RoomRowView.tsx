// RoomRowView is one row of the talk list.
import type { App, RoomRow } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Icon } from "../ui/Icon.tsx";
import { showMenu } from "../ui/Menu.tsx";
import { Badge } from "./Badge.tsx";
import { Dot } from "./Presence.tsx";
import { sheet } from "./place.ts";
import css from "./roomlist.module.css";
import { typists } from "./TypingLine.tsx";
import { short } from "./when.ts";
import { faces, isGroup, preview } from "./words.ts";

export const rowHeight = 68;

interface Props {
  readonly app: App;
  readonly row: RoomRow;
  readonly stop: boolean; // Tab reaches this row
  readonly onFocus: () => void;
}

export function RoomRowView({ app, row, stop, onFocus }: Props) {
  const { room, draft, failed } = row;
  const here = app.current.value === room.id;
  const last = room.lastMessage;
  const shown = faces(room, app.me.value?.id);
  const typing = typists(app.live.value?.typing(room.id).value ?? []);
  const icon =
    !last || last.cancelled
      ? null
      : last.type === "image"
        ? "image"
        : last.type === "file"
          ? "file"
          : last.type === "flink"
            ? "link-2"
            : null;
  return (
    <button
      type="button"
      class={css.row}
      data-stop
      data-room={room.id}
      tabIndex={stop ? 0 : -1}
      aria-current={here ? "true" : undefined}
      onClick={() => app.open(room.id)}
      onFocus={onFocus}
      onContextMenu={(e) =>
        showMenu(e, room.title, [
          { label: say("view.open"), icon: "message-circle", act: () => app.open(room.id) },
          {
            label: say("view.invite"),
            icon: "user-plus",
            act: () => (sheet.value = { kind: "invite", room: room.id }),
          },
          {
            label: say("view.leave"),
            icon: "log-out",
            danger: true,
            act: () => (sheet.value = { kind: "leave", room: room.id }),
          },
        ])
      }
    >
      <span class={css.face}>
        <Avatar faces={shown} size={44} />
        {shown.length === 1 && shown[0] && shown[0].id !== app.me.value?.id && <Dot app={app} user={shown[0].id} />}
      </span>
      <span class={css.text}>
        <span class={css.line}>
          <span class={room.unread > 0 ? css.fresh : css.title}>{room.title}</span>
          {isGroup(room) && (
            <span class={css.members}>
              {room.memberCount}
              <span class="heard">{say("view.people.unit")}</span>
            </span>
          )}
          {room.muted && (
            <span class={css.muted}>
              <Icon name="bell-off" size={14} />
              <span class="heard">{say("view.muted")}</span>
            </span>
          )}
          <span class={css.grow} />
          {last && <time dateTime={last.at}>{short(last.at)}</time>}
        </span>
        <span class={css.line}>
          {failed > 0 && (
            <span class={css.failed}>
              <Icon name="circle-alert" size={14} />
              <span class="heard">{say("view.failed.count", { n: failed })}</span>
            </span>
          )}
          {typing !== "" ? (
            <span class={css.typing}>{typing}</span>
          ) : draft.trim() !== "" && !here ? (
            <span class={css.last}>
              <b class={css.draft}>{say("view.draft")}</b> {draft.replace(/\s+/g, " ").trim()}
            </span>
          ) : (
            <span class={css.last}>
              {icon && <Icon name={icon} size={14} />}
              {preview(last)}
            </span>
          )}
          <Badge n={room.unread} quiet={room.muted ?? false} />
        </span>
      </span>
    </button>
  );
}
