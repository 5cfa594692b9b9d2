// RoomView is one conversation: head, stream, composer. It knows the room's model, not how messages travel.
import { useState } from "preact/hooks";
import type { Message, RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { IconButton } from "../ui/Controls.tsx";
import { showMenu } from "../ui/Menu.tsx";
import { Away } from "./Away.tsx";
import { Composer } from "./Composer.tsx";
import { later } from "./later.ts";
import { finding, panel, sheet, width } from "./place.ts";

import css from "./room.module.css";
import { Stream } from "./Stream.tsx";
import { find } from "./shortcuts.ts";
import { TypingLine } from "./TypingLine.tsx";
import { faces, isGroup, pairOf } from "./words.ts";

export function RoomView({ app, id }: { readonly app: App; readonly id: RoomID }) {
  const model = app.model(id);
  const parts = later.value;
  const [quote, setQuote] = useState<Message | null>(null);
  return (
    <>
      <Head app={app} id={id} />
      <Stream app={app} model={model} onReply={setQuote} />
      {parts && <parts.Pending app={app} room={id} />}
      <TypingLine app={app} id={id} />
      <Composer app={app} model={model} quote={quote} onQuote={setQuote} />
    </>
  );
}

function Head({ app, id }: { readonly app: App; readonly id: RoomID }) {
  const room = app.model(id).room.value;
  const other = room && pairOf(room, app.me.value?.id);
  return (
    <header class={css.head}>
      {width.value !== "wide" && (
        <IconButton icon="arrow-left" label={say("view.back")} onClick={() => app.open(null)} />
      )}
      {room ? (
        <>
          <Avatar faces={faces(room, app.me.value?.id)} size={36} />
          <h1 class={css.title}>{room.title}</h1>
          <Away absence={other && app.persons.value?.of(other).value?.absence} />
          {isGroup(room) && <span class={css.count}>{say("view.members.count", { n: room.memberCount })}</span>}
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
        pressed={panel.value}
        onClick={() => {
          panel.value = finding.peek() !== null || !panel.value;
          finding.value = null;
        }}
      />
      <IconButton
        icon="ellipsis"
        label={say("view.more")}
        hasMenu
        onClick={(e) =>
          showMenu(e.currentTarget, say("view.more"), [
            { label: say("view.invite"), icon: "user-plus", act: () => (sheet.value = { kind: "invite", room: id }) },
            {
              label: say("view.leave"),
              icon: "log-out",
              danger: true,
              act: () => (sheet.value = { kind: "leave", room: id }),
            },
          ])
        }
      />
    </header>
  );
}
