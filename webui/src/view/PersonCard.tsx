// PersonCard is everything that colleagues see of a person, and what one does next: write, call, mark.
import { useEffect, useState } from "preact/hooks";
import type { Card, ErrorCode, UserID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Button, IconButton } from "../ui/Controls.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { Away, isAway } from "./Away.tsx";
import { Dot, Marks } from "./Presence.tsx";
import css from "./person.module.css";
import { heard, section } from "./place.ts";

interface Props {
  readonly app: App;
  readonly id: UserID;
  readonly close: () => void;
}

export function PersonCard({ app, id, close }: Props) {
  const [card, setCard] = useState<Card | null>(null);
  const [error, setError] = useState<ErrorCode | null>(null);
  const mine = app.me.value?.id === id;
  const now = app.persons.value?.of(id).value;
  const path = `users/${encodeURIComponent(id)}`;
  useEffect(() => {
    void app.http.get<Card>(path).then((a) => {
      if (a.error) setError(a.error.code);
      else {
        setCard(a.data);
        app.persons.peek()?.know([a.data]);
      }
    });
  }, [app, path]);
  const talk = async () => {
    const made = await app.createRoom(mine ? [] : [id]);
    if ("error" in made) return setError(made.error);
    close();
    section.value = "chats";
    app.open(made.room);
  };
  const mark = async () => {
    if (!card) return;
    const on = !card.favourite;
    setCard({ ...card, favourite: on }); // taken back if the server does not agree
    const way = `me/people/${encodeURIComponent(id)}`;
    const answer = on ? await app.http.put(way, {}) : await app.http.drop(way);
    if (answer.error) {
      setCard(card);
      setError(answer.error.code);
    }
  };
  const copy = async (text: string) => {
    await navigator.clipboard.writeText(text).catch(() => null);
    heard.value = say("view.person.copied", { text });
  };
  const who = now && card ? { ...card, ...now } : card;
  return (
    <Dialog
      title={say("view.person.card")}
      close={close}
      size="small"
      foot={
        who && !card?.gone ? (
          <Button kind="primary" first onClick={() => void talk()}>
            {say(mine ? "view.person.note" : "view.person.talk")}
          </Button>
        ) : undefined
      }
    >
      {error && (
        <p role="alert" class={css.wrong}>
          {sayError(error)}
        </p>
      )}
      {who && card && (
        <div class={css.card}>
          <div class={css.top}>
            <span class={css.face}>
              <Avatar faces={[who]} size={72} />
              <Dot app={app} user={id} />
            </span>
            <span class={css.names}>
              <span class={css.line}>
                <b>{who.name}</b>
                {isAway(who.absence) && <Away absence={who.absence} />}
                <Marks app={app} user={id} />
              </span>
              {who.nick && <span>{who.nick}</span>}
              {card.gone && <span class={css.soft}>{say("view.person.gone")}</span>}
            </span>
            {!mine && !card.gone && (
              <IconButton
                icon="star"
                label={say("view.person.mark")}
                pressed={card.favourite}
                onClick={() => void mark()}
              />
            )}
          </div>
          <dl class={css.facts}>
            {card.path.length > 0 && (
              <Fact name={say("view.person.unit")} text={card.path.map((u) => u.name).join(" › ")} />
            )}
            {who.job && <Fact name={say("view.person.job")} text={who.job} />}
            {card.posts.map((p) => (
              <Fact key={p.org} name={say("view.person.post")} text={[p.orgName, p.job].filter(Boolean).join(" · ")} />
            ))}
            {who.phone && (
              <Fact name={say("view.person.phone")} text={who.phone} href={`tel:${who.phone}`} copy={copy} />
            )}
            {who.mail && (
              <Fact name={say("view.person.mail")} text={who.mail} href={`mailto:${who.mail}`} copy={copy} />
            )}
          </dl>
        </div>
      )}
    </Dialog>
  );
}

interface FactProps {
  readonly name: string;
  readonly text: string;
  readonly href?: string;
  readonly copy?: (text: string) => void;
}

function Fact({ name, text, href, copy }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {href ? <a href={href}>{text}</a> : text}
        {copy && (
          <IconButton icon="copy" size={16} label={say("view.person.copy", { text })} onClick={() => void copy(text)} />
        )}
      </dd>
    </div>
  );
}
