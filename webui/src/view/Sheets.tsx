// Sheets shows the dialog that is open, if one is.
import type { App } from "../state/app.ts";
import { Jump } from "./Jump.tsx";
import { KeySheet } from "./KeySheet.tsx";
import { InviteSheet, NewChat } from "./NewChat.tsx";
import { PersonCard } from "./PersonCard.tsx";
import { sheet } from "./place.ts";
import { SettingsSheet } from "./SettingsSheet.tsx";
import { Sure } from "./Sure.tsx";

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
    case "keys":
      return <KeySheet close={close} />;
    case "person":
      return <PersonCard key={s.user} app={app} id={s.user} close={close} />;
    case "leave":
      return (
        <Sure
          title="view.leave.sure"
          about="view.leave.about"
          go="view.leave"
          act={() => app.leave(s.room)}
          close={close}
        />
      );
    case "cancel":
      return (
        <Sure
          title="view.cancel.sure"
          about="view.cancel.about"
          go="view.message.cancel"
          act={() => app.cancel(s.room, s.message)}
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
