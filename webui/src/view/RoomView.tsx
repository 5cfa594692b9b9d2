// RoomView is one conversation: head, stream, composer. It knows the room's model, not how messages travel.
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Quote, RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { IconButton } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import { Away, awayText, isAway } from "./Away.tsx";
import { Composer } from "./Composer.tsx";
import { later } from "./later.ts";
import { panelOpen, togglePanel } from "./panel.ts";
import { choosing, finding, width } from "./place.ts";
import css from "./room.module.css";
import { Stream } from "./Stream.tsx";
import { find } from "./shortcuts.ts";
import { TypingLine } from "./TypingLine.tsx";
import { type Aim, jumpTo } from "./talk.ts";
import { faces, isGroup, pairOf, titleOf } from "./words.ts";

export function RoomView({ app, id }: { readonly app: App; readonly id: RoomID }) {
  const model = app.model(id);
  const parts = later.value;
  const [aim, setAim] = useState<Aim | null>(null);
  const jump = useCallback((to: Pick<Quote, "id" | "seq">) => void jumpTo(app, model, to), [app, model]);
  const selecting = choosing.value?.room === id;
  // Another room is another choice.
  useEffect(
    () => () => {
      choosing.value = null;
    },
    [id],
  );
  // What is being answered or edited may be taken back meanwhile.
  const gone = aim && model.bubbles.value.find((b) => b.key === aim.message.id)?.message.cancelled;
  useEffect(() => {
    if (gone) setAim(null);
  }, [gone]);
  return (
    <>
      <Head app={app} id={id} />
      <div class={css.under}>{parts && <parts.NoticeBar key={id} app={app} model={model} jump={jump} />}</div>
      <Stream app={app} model={model} onAim={setAim} jump={jump} />
      {parts && <parts.Pending app={app} room={id} />}
      <TypingLine app={app} id={id} />
      {selecting && parts && <parts.ChosenBar app={app} model={model} />}
      <div hidden={selecting}>
        <Absent app={app} id={id} />
        <Composer app={app} model={model} aim={aim} onAim={setAim} />
      </div>
    </>
  );
}

// Absent says where one is about to write that the other one may not read it soon.
function Absent({ app, id }: { readonly app: App; readonly id: RoomID }) {
  const room = app.model(id).room.value;
  const other = room && pairOf(room, app.me.value?.id);
  const who = other && app.persons.value?.of(other).value;
  if (!who || !isAway(who.absence)) return null;
  return (
    <p class={css.absent} data-absent>
      {say("view.away.line", { name: who.name, away: awayText(who.absence) })}
    </p>
  );
}

function Head({ app, id }: { readonly app: App; readonly id: RoomID }) {
  const room = app.model(id).room.value;
  const other = room && pairOf(room, app.me.value?.id);
  const typing = other !== undefined && (app.live.value?.typing(id).value.length ?? 0) > 0;
  return (
    <header class={css.head}>
      {width.value !== "wide" && !app.alone && (
        <IconButton icon="arrow-left" label={say("view.back")} onClick={() => app.open(null)} />
      )}
      {room ? (
        <>
          {/* Where there is little room the name needs it more. */}
          {width.value !== "narrow" && <Avatar faces={faces(room, app.me.value?.id)} size={36} />}
          <h1 class={css.title}>{titleOf(room)}</h1>
          {/* Whoever is typing is not that absent. */}
          {typing ? (
            <span class={css.count}>{say("view.typing.here")}</span>
          ) : (
            <Away absence={other && app.persons.value?.of(other).value?.absence} />
          )}
          {room.muted && (
            <span class={css.count} title={say("view.muted")}>
              <Icon name="bell-off" size={16} />
              <span class="heard">{say("view.muted")}</span>
            </span>
          )}
          {isGroup(room) && (
            <span class={css.count}>
              {width.value === "narrow" ? room.memberCount : say("view.members.count", { n: room.memberCount })}
            </span>
          )}
        </>
      ) : (
        <span class={css.bone} />
      )}
      <span class={css.grow} />
      <IconButton
        icon="search"
        label={say("view.find")}
        pressed={finding.value?.room === id}
        onClick={() => {
          if (finding.peek()) finding.value = null;
          else find(app);
        }}
      />
      <IconButton
        icon="panel-right"
        label={say("view.members")}
        pressed={room !== undefined && panelOpen(room)}
        onClick={() => {
          if (room) togglePanel(app, room);
        }}
      />
      <IconButton
        icon="ellipsis"
        label={say("view.more")}
        hasMenu
        onClick={(e) => {
          if (room) later.peek()?.showRoomMenu(e.currentTarget, app, room, false);
        }}
      />
    </header>
  );
}
