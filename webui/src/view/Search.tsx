// Search looks through all my rooms. What fits best stands first, under the room where it was said.
import { useEffect, useState } from "preact/hooks";
import type { Person, RoomID, Seq } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Avatar } from "../ui/Avatar.tsx";
import { Button } from "../ui/Controls.tsx";
import { Icon, type IconName } from "../ui/Icon.tsx";
import { showMenu } from "../ui/Menu.tsx";
import { ChoosePerson, ChooseRoom } from "./Choose.tsx";
import css from "./find.module.css";
import { Hit } from "./Hit.tsx";
import { Filter, ListHead } from "./ListHead.tsx";
import { Bones } from "./RoomList.tsx";
import list from "./roomlist.module.css";
import { askable, type Results, useSearch } from "./useSearch.ts";
import { today } from "./when.ts";

const periods = ["all", "day", "week", "month", "quarter"] as const;
type Period = (typeof periods)[number];
const days: Readonly<Record<Period, number>> = { all: 0, day: 0, week: 7, month: 30, quarter: 91 };

interface Kept {
  readonly q: string;
  readonly from?: Person | undefined;
  readonly room?: { readonly id: RoomID; readonly title: string } | undefined;
  readonly period: Period;
  readonly results: Results | null;
}
const empty: Kept = { q: "", period: "all", results: null };

// What was looked for stays while the person reads a hit, and goes with the person.
let kept = empty;
let owner: unknown;

export function Search({ app }: { readonly app: App }) {
  const me = app.me.value;
  if (owner !== me?.id) kept = empty;
  owner = me?.id;
  const [q, setQ] = useState(kept.q);
  const [from, setFrom] = useState(kept.from);
  const [room, setRoom] = useState(kept.room);
  const [period, setPeriod] = useState<Period>(kept.period);
  const [choosing, setChoosing] = useState<"from" | "room" | null>(null);
  const since = period === "all" ? "" : new Date(today.value - days[period] * 86_400_000).toISOString();
  const ask = {
    q: q.trim(),
    ...(from ? { from: from.id } : {}),
    ...(room ? { room: room.id } : {}),
    ...(since ? { since } : {}),
  };
  const { results, busy, error, more } = useSearch(app, ask, kept.results);
  useEffect(() => {
    kept = { q, from, room, period, results };
  }, [q, from, room, period, results]);

  const show = async (id: RoomID, seq: Seq) => {
    app.open(id);
    await app.model(id).jump(seq);
  };
  const messages = results?.messages ?? [];
  return (
    <>
      <ListHead title={say("view.search")} />
      <Filter label={say("view.search.hint")} value={q} onValue={(v) => setQ(v.slice(0, limits.searchRunes))} first />
      <div class={css.filters}>
        <Chip
          icon="users"
          label={from ? from.name : say("view.search.from")}
          on={from !== undefined}
          onClick={() => (from ? setFrom(undefined) : setChoosing("from"))}
        />
        <Chip
          icon="message-circle"
          label={room ? room.title : say("view.search.room")}
          on={room !== undefined}
          onClick={() => (room ? setRoom(undefined) : setChoosing("room"))}
        />
        <Chip
          icon="calendar-days"
          label={say(`view.search.${period}`)}
          on={period !== "all"}
          menu
          onClick={(el) =>
            showMenu(
              el,
              say("view.search.period"),
              periods.map((p) => ({
                label: say(`view.search.${p}`),
                ...(p === period ? { icon: "check" as const } : {}),
                act: () => setPeriod(p),
              })),
            )
          }
        />
      </div>
      {error && (
        <p role="alert" class={list.wrong}>
          {sayError(error)}
        </p>
      )}
      {messages.length > 0 ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is reached by the keyboard
        <ul class={css.found} aria-label={say("view.find.hits")} aria-busy={busy} tabIndex={0}>
          {messages.map((m, i) => {
            const name = results?.rooms.get(m.room);
            return (
              <li key={m.id}>
                {messages[i - 1]?.room !== m.room && name && (
                  <h2 class={css.group}>
                    <Avatar faces={others(name.members, me?.id)} size={24} />
                    <span>{name.title}</span>
                  </h2>
                )}
                <button type="button" class={css.hit} onClick={() => void show(m.room, m.seq)}>
                  <Hit message={m} context={results?.contexts[i]} />
                </button>
              </li>
            );
          })}
          {results?.next && (
            <li class={css.more}>
              <Button wide busy={busy} onClick={() => void more()}>
                {say("view.search.more")}
              </Button>
            </li>
          )}
        </ul>
      ) : busy ? (
        <Bones />
      ) : (
        <div class={list.state} aria-live="polite">
          {results ? (
            <p>{say("view.search.none")}</p>
          ) : (
            <>
              <Icon name="search" size={40} />
              <p>{say(q.trim() !== "" && !askable(q, from) ? "view.find.short" : "view.search.about")}</p>
            </>
          )}
        </div>
      )}
      {choosing === "from" && (
        <ChoosePerson app={app} close={() => setChoosing(null)} choose={(u) => setFrom({ id: u.id, name: u.name })} />
      )}
      {choosing === "room" && (
        <ChooseRoom app={app} close={() => setChoosing(null)} choose={(r) => setRoom({ id: r.id, title: r.title })} />
      )}
    </>
  );
}

function others(members: readonly Person[], me: Person["id"] | undefined): readonly Person[] {
  const rest = members.filter((m) => m.id !== me);
  return rest.length > 0 ? rest.slice(0, 4) : members.slice(0, 1);
}

interface ChipProps {
  readonly icon: IconName;
  readonly label: string;
  readonly on: boolean;
  readonly menu?: boolean;
  readonly onClick: (el: HTMLElement) => void;
}

function Chip({ icon, label, on, menu = false, onClick }: ChipProps) {
  return (
    <button
      type="button"
      class={on ? `${css.filter} ${css.on}` : css.filter}
      aria-pressed={menu ? undefined : on}
      aria-haspopup={menu ? "menu" : undefined}
      onClick={(e) => onClick(e.currentTarget)}
    >
      <Icon name={icon} size={14} />
      <span>{label}</span>
      {on && !menu && <Icon name="x" size={14} />}
    </button>
  );
}
