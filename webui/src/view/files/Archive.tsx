// Archive lists what was sent to a room: pictures and films, files, links. A press leads to where it was sent.
import { useEffect, useState } from "preact/hooks";
import type { ArchivePage, ErrorCode, Message, RoomID, Seq, UserID } from "../../gen/protocol.ts";
import type { App } from "../../state/app.ts";
import { say, sayError } from "../../text/say.ts";
import { Button } from "../../ui/Controls.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Filter } from "../ListHead.tsx";
import { short } from "../when.ts";
import css from "./archive.module.css";
import { address, gone, iconOf, isFilm, sizeOf } from "./facts.ts";
import { save } from "./save.ts";

const kinds = ["images", "files", "links"] as const;
type Kind = (typeof kinds)[number];
const words = {
  images: ["view.archive.images", "view.archive.images.none"],
  files: ["view.archive.files", "view.archive.files.none"],
  links: ["view.archive.links", "view.archive.links.none"],
} as const;

interface Props {
  readonly app: App;
  readonly room: RoomID;
  readonly close: () => void;
}

export function Archive({ app, room, close }: Props) {
  const [kind, setKind] = useState<Kind>("images");
  const [q, setQ] = useState("");
  const [from, setFrom] = useState("");
  const [month, setMonth] = useState("");
  const list = useArchive(app, room, { kind, q, from, month });
  const members = app.model(room).room.value?.members ?? [];
  const show = (m: Message) => {
    close();
    void app.model(room).jump(m.seq);
  };
  return (
    <Dialog title={say("view.archive")} close={close}>
      <div class={css.head}>
        <fieldset class={css.tabs} aria-label={say("view.archive.kind")}>
          {kinds.map((k) => (
            <button key={k} type="button" aria-pressed={k === kind} onClick={() => setKind(k)}>
              {say(words[k][0])}
            </button>
          ))}
        </fieldset>
        <Filter label={say("view.archive.find")} value={q} onValue={setQ} />
        <div class={css.narrow}>
          <select aria-label={say("view.archive.from")} value={from} onChange={(e) => setFrom(e.currentTarget.value)}>
            <option value="">{say("view.archive.everybody")}</option>
            {members.map((m) => (
              <option key={m.id} value={m.id}>
                {m.name}
              </option>
            ))}
          </select>
          <input
            type="month"
            aria-label={say("view.archive.month")}
            value={month}
            onChange={(e) => setMonth(e.currentTarget.value)}
          />
        </div>
      </div>
      <div class={css.found}>
        {list.error ? (
          <p class={css.none} role="alert">
            {sayError(list.error)}
          </p>
        ) : list.done && list.messages.length === 0 ? (
          <p class={css.none}>{say(q.trim() || from || month ? "view.archive.noMatch" : words[kind][1])}</p>
        ) : kind === "images" ? (
          <ul class={css.grid}>
            {list.messages.map((m) => (
              <li key={m.id}>
                <Picture m={m} show={() => show(m)} />
              </li>
            ))}
          </ul>
        ) : (
          <ul class={css.list}>
            {list.messages.map((m) => (
              <li key={m.id}>
                <Row app={app} m={m} show={() => show(m)} />
              </li>
            ))}
          </ul>
        )}
        {!list.done && !list.error && (
          <div class={css.more}>
            <Button onClick={list.more} busy={list.busy}>
              {say(list.busy ? "view.loading" : "view.archive.more")}
            </Button>
          </div>
        )}
      </div>
    </Dialog>
  );
}

function Picture({ m, show }: { readonly m: Message; readonly show: () => void }) {
  const f = m.file;
  if (!f) return null;
  const about = [f.name, m.senderName, short(m.at), gone(f, Date.now()) && say("view.file.expired")]
    .filter(Boolean)
    .join(", ");
  return (
    <button type="button" class={css.picture} aria-label={about} title={about} onClick={show}>
      {f.thumb && !gone(f, Date.now()) ? (
        <img src={address(f, "thumb")} alt="" loading="lazy" decoding="async" />
      ) : (
        <Icon name={iconOf(f.kind)} size={28} />
      )}
      {isFilm(f) && (
        <span class={css.play}>
          <Icon name="play" size={16} />
        </span>
      )}
    </button>
  );
}

function Row({ app, m, show }: { readonly app: App; readonly m: Message; readonly show: () => void }) {
  const f = m.file;
  const expired = f && gone(f, Date.now());
  const link = /https?:\/\/\S+/i.exec(m.body)?.[0] ?? m.body;
  return (
    <div class={css.row}>
      <button type="button" class={css.open} onClick={show}>
        <span class={css.icon}>
          <Icon name={f ? iconOf(f.kind) : "link-2"} size={20} />
        </span>
        <span class={css.words}>
          <span class={css.name}>{f ? f.name : (m.preview?.title ?? link)}</span>
          <span class={css.facts}>
            {[
              f ? (expired ? say("view.file.expired") : sizeOf(f.size)) : (m.preview?.site ?? ""),
              m.senderName,
              short(m.at),
            ]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </span>
      </button>
      {f && !expired && (
        <button
          type="button"
          class={css.save}
          aria-label={say("view.file.saveNamed", { name: f.name })}
          title={say("view.file.save")}
          onClick={() => save(app, f)}
        >
          <Icon name="download" size={18} />
        </button>
      )}
    </div>
  );
}

interface Ask {
  readonly kind: Kind;
  readonly q: string;
  readonly from: string;
  readonly month: string; // "2026-11"
}

function useArchive(app: App, room: RoomID, ask: Ask) {
  const [state, setState] = useState<{
    readonly messages: readonly Message[];
    readonly next: Seq | undefined;
    readonly busy: boolean;
    readonly error: ErrorCode | null;
  }>({ messages: [], next: undefined, busy: true, error: null });
  const [round, setRound] = useState<{ readonly before?: Seq }>({});
  const key = JSON.stringify(ask);
  useEffect(() => setRound({}), [key]);
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(async () => {
      setState((s) => ({ ...(round.before ? s : { ...s, messages: [] }), busy: true, error: null }));
      const answer = await app.http.get<ArchivePage>(path(room, ask, round.before));
      if (!wanted) return;
      setState((s) =>
        answer.data
          ? {
              messages: round.before ? [...s.messages, ...answer.data.messages] : answer.data.messages,
              next: answer.data.next,
              busy: false,
              error: null,
            }
          : { ...s, busy: false, error: answer.error.code },
      );
    }, 150);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [app, room, round]);
  return {
    ...state,
    done: !state.busy && state.next === undefined,
    more: () => state.next !== undefined && setRound({ before: state.next }),
  };
}

function path(room: RoomID, { kind, q, from, month }: Ask, before: Seq | undefined): string {
  const p = new URLSearchParams({ kind, limit: "60" });
  if (q.trim()) p.set("q", q.trim().slice(0, 100));
  if (from) p.set("from", from as UserID);
  if (before) p.set("before", String(before));
  const [year = 0, number = 0] = month.split("-").map(Number);
  if (year && number) {
    p.set("since", new Date(year, number - 1, 1).toISOString());
    p.set("until", new Date(year, number, 1).toISOString());
  }
  return `rooms/${encodeURIComponent(room)}/archive?${p}`;
}
