// NewChat and InviteSheet choose people: for a new talk, or into one that exists.
import { useState } from "preact/hooks";
import { type ErrorCode, limits, type RoomID, type User } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Button, Field } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { PeoplePicker } from "./PeoplePicker.tsx";
import css from "./picker.module.css";
import { section } from "./place.ts";

export function NewChat({ app, close }: { readonly app: App; readonly close: () => void }) {
  const [chosen, choose] = useState<readonly User[]>([]);
  const [title, setTitle] = useState("");
  const [error, setError] = useState<ErrorCode | null>(null);
  const [busy, setBusy] = useState(false);
  const create = async () => {
    setBusy(true);
    const made = await app.createRoom(
      chosen.map((u) => u.id),
      title.trim() === "" ? undefined : title.trim(),
    );
    setBusy(false);
    if ("error" in made) return setError(made.error);
    close();
    section.value = "chats";
    app.open(made.room);
  };
  return (
    <Dialog
      title={say("view.new")}
      close={close}
      foot={
        <Button kind="primary" disabled={chosen.length === 0} busy={busy} onClick={() => void create()}>
          {say("view.new.go")}
        </Button>
      }
    >
      {chosen.length === 0 && app.me.value && (
        <button type="button" class={css.self} onClick={() => void create()}>
          <Avatar faces={[app.me.value]} size={40} />
          <span>
            <b>{say("view.self")}</b>
            <span>{say("view.self.about")}</span>
          </span>
        </button>
      )}
      <PeoplePicker app={app} chosen={chosen} onChosen={choose} />
      {chosen.length > 1 && (
        <div class={css.title}>
          <Field
            label={say("view.new.title")}
            value={title}
            maxLength={limits.titleRunes}
            placeholder={chosen
              .map((u) => u.name)
              .sort()
              .join(", ")}
            onInput={(e) => setTitle(e.currentTarget.value)}
          />
        </div>
      )}
      {error && (
        <p role="alert" class={css.error}>
          {sayError(error)}
        </p>
      )}
    </Dialog>
  );
}

interface InviteProps {
  readonly app: App;
  readonly room: RoomID;
  readonly close: () => void;
}

export function InviteSheet({ app, room, close }: InviteProps) {
  const [chosen, choose] = useState<readonly User[]>([]);
  const [error, setError] = useState<ErrorCode | null>(null);
  const [nobody, setNobody] = useState(false);
  const [busy, setBusy] = useState(false);
  const inside = new Set(
    app
      .model(room)
      .room.value?.members.filter((m) => !m.left)
      .map((m) => m.id),
  );
  const go = async () => {
    setBusy(true);
    const done = await app.invite(
      room,
      chosen.map((u) => u.id),
    );
    setBusy(false);
    if ("error" in done) return setError(done.error);
    // Others were quicker: there is nothing to see of it in the room.
    if (done.added?.length === 0) return setNobody(true);
    close();
  };
  return (
    <Dialog
      title={say("view.invite")}
      close={close}
      foot={
        <Button kind="primary" disabled={chosen.length === 0} busy={busy} onClick={() => void go()}>
          {say("view.invite.go")}
        </Button>
      }
    >
      <PeoplePicker app={app} chosen={chosen} onChosen={choose} inside={inside} />
      {nobody && (
        <p role="status" class={css.hint}>
          {say("view.invite.nobody")}
        </p>
      )}
      {error && (
        <p role="alert" class={css.error}>
          {sayError(error)}
        </p>
      )}
    </Dialog>
  );
}
