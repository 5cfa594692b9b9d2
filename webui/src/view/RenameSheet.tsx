// RenameSheet gives a room a name: for me, or, by the master, for all.
import { useState } from "preact/hooks";
import { type ErrorCode, limits, type RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Button, Field, Pick } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { composing } from "../ui/keys.ts";
import css from "./rename.module.css";

interface Props {
  readonly app: App;
  readonly room: RoomID;
  readonly close: () => void;
}

export function RenameSheet({ app, room: id, close }: Props) {
  const room = app.model(id).room.value;
  const master = room?.master === app.me.value?.id && !room?.self;
  const given = (who: "me" | "all"): string => (who === "all" ? (room?.name ?? "") : room?.own ? room.title : "");
  const [who, setWho] = useState<"me" | "all">(master && !room?.own ? "all" : "me");
  const [title, setTitle] = useState(given(who) || (room?.named ? room.title : ""));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ErrorCode | null>(null);
  // The server counts code points, as this does.
  const over = [...title.trim()].length - limits.titleRunes;
  const save = async () => {
    if (over > 0 || busy) return;
    setBusy(true);
    const bad = await app.rename(id, title, who === "all");
    setBusy(false);
    if (bad) setError(bad);
    else close();
  };
  return (
    <Dialog
      title={say("view.rename")}
      size="small"
      close={close}
      foot={
        <>
          <Button onClick={close}>{say("view.no")}</Button>
          <Button kind="primary" disabled={over > 0} busy={busy} onClick={() => void save()}>
            {say("view.rename.go")}
          </Button>
        </>
      }
    >
      <div class={css.form}>
        {master && (
          <Pick
            label={say("view.rename.for")}
            value={who}
            of={[
              ["all", say("view.rename.all"), "users"],
              ["me", say("view.rename.me")],
            ]}
            onPick={(to) => {
              // What was not touched follows the choice.
              if (title === given(who)) setTitle(given(to));
              setWho(to);
            }}
          />
        )}
        <Field
          label={say("view.rename.label")}
          value={title}
          first
          placeholder={room?.title ?? ""}
          onInput={(e) => {
            setTitle(e.currentTarget.value);
            setError(null);
          }}
          onKeyDown={(e) => {
            if (e.key === "Enter" && !composing(e)) void save();
          }}
          error={
            over > 0 ? say("view.rename.over", { n: over, max: limits.titleRunes }) : error ? sayError(error) : null
          }
          hint={say("view.rename.empty")}
        />
        <p class={css.about}>{say(who === "all" ? "view.rename.about.all" : "view.rename.about.me")}</p>
      </div>
    </Dialog>
  );
}
