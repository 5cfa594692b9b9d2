// RoomRowView is one row of the talk list.
import type { RoomID } from "../gen/protocol.ts";
import type { App, RoomRow } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { Away } from "./Away.tsx";
import { Badge } from "./Badge.tsx";
import { later } from "./later.ts";
import { Dot } from "./Presence.tsx";
import { dragged, picked, sheet, width } from "./place.ts";
import css from "./roomlist.module.css";
import { typists } from "./TypingLine.tsx";
import { short } from "./when.ts";
import { faces, isGroup, titleOf, told } from "./words.ts";

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
  const one = shown.length === 1 && shown[0]?.id !== app.me.value?.id ? shown[0] : undefined;
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
  const chosen = picked.value?.has(room.id);
  return (
    <button
      type="button"
      class={css.row}
      data-stop
      data-room={room.id}
      {...(room.pinned ? { "data-pinned": "" } : {})}
      draggable={chosen === undefined && (room.pinned !== undefined || (app.canPopOut && width.value !== "narrow"))}
      tabIndex={stop ? 0 : -1}
      aria-current={here && chosen === undefined ? "true" : undefined}
      {...(chosen === undefined ? {} : { role: "checkbox", "aria-checked": chosen })}
      onClick={(e) => {
        if (chosen !== undefined) pick(room.id);
        else if (e.ctrlKey || e.metaKey) picked.value = new Set([room.id]);
        else app.open(room.id);
      }}
      onDblClick={() => {
        if (chosen === undefined && app.canPopOut && app.settings.peek().twice && width.peek() !== "narrow") {
          app.popOut(room.id);
        }
      }}
      onFocus={onFocus}
      data-drop={(dragged.value && dragged.value.room !== room.id) || undefined}
      onDragOver={(e) => {
        if (dragged.value && dragged.value.room !== room.id) e.preventDefault();
      }}
      onDrop={(e) => {
        const m = dragged.value;
        if (!m || m.room === room.id) return;
        e.preventDefault();
        dragged.value = null;
        sheet.value = { kind: "forward", room: m.room, messages: [m], to: room.id };
      }}
      onContextMenu={(e) => {
        e.preventDefault();
        if (chosen === undefined) later.peek()?.showRoomMenu(e, app, room, true);
      }}
    >
      {chosen !== undefined && (
        <span class={chosen ? css.ticked : css.tick}>{chosen && <Icon name="check" size={14} />}</span>
      )}
      <span class={css.face}>
        <Avatar faces={shown} size={44} />
        {one && <Dot app={app} user={one.id} />}
      </span>
      <span class={css.text}>
        <span class={css.line}>
          {room.pinned && <Sign icon="pin" label={say("view.pinned")} />}
          <span class={room.unread > 0 ? css.fresh : css.title}>{titleOf(room)}</span>
          {!isGroup(room) && one && <Away absence={app.persons.value?.of(one.id).value?.absence} />}
          {isGroup(room) && (
            <span class={css.members}>
              {room.memberCount}
              <span class="heard">{say("view.people.unit")}</span>
            </span>
          )}
          {room.muted && <Sign icon="bell-off" label={say("view.muted")} />}
          {room.notify === "mentions" && <Sign icon="at-sign" label={say("view.notify.few")} />}
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
              {told(last)}
            </span>
          )}
          <Badge n={room.unread} quiet={room.muted ?? false} />
        </span>
      </span>
    </button>
  );
}

function Sign({ icon, label }: { readonly icon: IconName; readonly label: string }) {
  return (
    <span class={css.sign} title={label}>
      <Icon name={icon} size={14} />
      <span class="heard">{label}</span>
    </span>
  );
}

function pick(id: RoomID): void {
  const next = new Set(picked.peek());
  if (!next.delete(id)) next.add(id);
  picked.value = next;
}
