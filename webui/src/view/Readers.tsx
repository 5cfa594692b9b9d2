// Readers lists who has read a message and who has not.
import { useEffect, useState } from "preact/hooks";
import type { ErrorCode, MessageID, Person, ReadersPage, RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import css from "./talkbars.module.css";

interface Props {
  readonly app: App;
  readonly room: RoomID;
  readonly id: MessageID;
  readonly close: () => void;
}

export function Readers({ app, room, id, close }: Props) {
  const [page, setPage] = useState<ReadersPage | ErrorCode | null>(null);
  // The number on the bubble falls while the list is open; then it is asked again.
  const unread = app.model(room).bubbles.value.find((b) => b.key === id)?.message.unread;
  useEffect(() => {
    let here = true;
    void app.acting.value?.readers(room, id).then((p) => here && setPage(p));
    return () => {
      here = false;
    };
  }, [app.acting.value, room, id, unread]);
  return (
    <Dialog title={say("view.readers")} close={close} size="small">
      {page === null ? (
        <p role="status">{say("view.loading")}</p>
      ) : typeof page === "string" ? (
        <p role="alert">{page === "not_found" ? say("view.message.gone") : sayError(page)}</p>
      ) : (
        <>
          <Group label={say("view.readers.unread", { n: page.unread.length })} people={page.unread} kind="unread" />
          <Group label={say("view.readers.read", { n: page.read.length })} people={page.read} kind="read" />
          {page.read.length + page.unread.length === 0 && <p>{say("view.readers.nobody")}</p>}
        </>
      )}
    </Dialog>
  );
}

interface GroupProps {
  readonly label: string;
  readonly people: readonly Person[];
  readonly kind: string;
}

function Group({ label, people, kind }: GroupProps) {
  if (people.length === 0) return null;
  return (
    <section class={css.group} data-readers={kind}>
      <h3>{label}</h3>
      <ul>
        {people.map((p) => (
          <li key={p.id}>
            <Avatar faces={[p]} size={28} />
            {p.name}
          </li>
        ))}
      </ul>
    </section>
  );
}
