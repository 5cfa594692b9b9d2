// Sheets shows the dialog that is open, if one is.
import type { ErrorCode, Message, Room, RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { type Key, say } from "../text/say.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { Diagnosis } from "./Diagnosis.tsx";
import { Forward } from "./Forward.tsx";
import { Archive } from "./files/Archive.tsx";
import { TranscriptSheet } from "./files/TranscriptSheet.tsx";
import { Jump } from "./Jump.tsx";
import { KeySheet } from "./KeySheet.tsx";
import { InviteSheet, NewChat } from "./NewChat.tsx";
import { PersonCard } from "./PersonCard.tsx";
import { ProxyForm } from "./ProxyForm.tsx";
import { choosing, picked, sheet } from "./place.ts";
import { Readers } from "./Readers.tsx";
import { RenameSheet } from "./RenameSheet.tsx";
import { SettingsSheet } from "./SettingsSheet.tsx";
import { Sure } from "./Sure.tsx";
import { WhySheet } from "./WhySheet.tsx";
import { isGroup, titleOf } from "./words.ts";

export function Sheets({ app }: { readonly app: App }) {
  const s = sheet.value;
  const close = () => {
    sheet.value = null;
  };
  switch (s?.kind) {
    case undefined:
      return null;
    case "new":
      return <NewChat app={app} close={close} />;
    case "invite":
      return <InviteSheet app={app} room={s.room} close={close} />;
    case "jump":
      return <Jump app={app} close={close} />;
    case "settings":
      return <SettingsSheet app={app} close={close} />;
    case "why":
      return <WhySheet app={app} room={s.room} seq={s.seq} close={close} />;
    case "keys":
      return <KeySheet close={close} />;
    case "diagnose":
      return <Diagnosis app={app} close={close} />;
    case "proxy":
      return app.server.value ? (
        <Dialog title={say("view.proxy.title")} size="small" close={close}>
          <ProxyForm server={app.server.value} done={close} />
        </Dialog>
      ) : null;
    case "person":
      return <PersonCard key={s.user} app={app} id={s.user} close={close} />;
    case "rename":
      return <RenameSheet app={app} room={s.room} close={close} />;
    case "archive":
      return <Archive app={app} room={s.room} close={close} />;
    case "transcript":
      return <TranscriptSheet app={app} room={s.room} messages={s.messages} close={close} />;
    case "readers":
      return <Readers app={app} room={s.room} id={s.message} close={close} />;
    case "forward":
      return <Forward app={app} from={s.room} to={s.to} messages={s.messages} close={close} />;
    case "hide":
      return (
        <Sure
          title={s.messages.length === 1 ? "view.hide.sureOne" : "view.hide.sure"}
          about="view.hide.about"
          args={{ n: s.messages.length }}
          go="view.message.hide"
          act={() => hide(app, s.room, s.messages)}
          close={close}
        />
      );
    case "hideAll":
      return (
        <Sure
          title="view.hideAll.sure"
          about="view.hideAll.about"
          args={{ room: titleOf(s.room) }}
          go="view.hideAll.go"
          act={async () => (await app.acting.peek()?.hide(s.room.id, "all")) ?? null}
          close={close}
        />
      );
    case "leave":
      return (
        <Sure
          title="view.leave.sure"
          about={leaving(s.room)}
          args={{ room: titleOf(s.room) }}
          go="view.leave"
          act={() => app.leave(s.room.id)}
          close={close}
        />
      );
    case "leaveMany":
      return (
        <Sure
          title="view.leave.many.sure"
          about="view.leave.many.about"
          args={{ n: s.rooms.length }}
          go="view.leave"
          act={async () => {
            const bad = (await Promise.all(s.rooms.map((id) => app.leave(id)))).find((code) => code !== null);
            if (!bad) picked.value = null;
            return bad ?? null;
          }}
          close={close}
        />
      );
    case "master":
      return (
        <Sure
          title="view.master.sure"
          about="view.master.about"
          args={{ name: s.name }}
          go="view.master.go"
          act={() => app.handOver(s.room, s.user)}
          close={close}
        />
      );
    case "cancel":
      return (
        <Sure
          title="view.cancel.sure"
          about="view.cancel.about"
          go="view.message.cancel"
          no="view.cancel.no"
          act={async () => {
            const bad = await app.cancel(s.room, s.message);
            if (!bad) choosing.value = null;
            return bad;
          }}
          close={close}
        />
      );
    case "kick":
      return (
        <Sure
          title="view.kick.sure"
          about="view.kick.about"
          args={{ name: s.name }}
          go="view.kick"
          act={() => app.kick(s.room, s.user)}
          close={close}
        />
      );
  }
}

// leaving says what leaving this room means: a pair is left silently and comes back.
function leaving(room: Room): Key {
  if (room.self) return "view.leave.self";
  return isGroup(room) ? "view.leave.about" : "view.leave.pair";
}

async function hide(app: App, room: RoomID, messages: readonly Message[]): Promise<ErrorCode | null> {
  const ids = messages.map((m) => m.id);
  const bad = (await app.acting.peek()?.hide(room, ids)) ?? null;
  if (!bad) choosing.value = null;
  return bad;
}
