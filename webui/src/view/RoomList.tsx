// RoomList is the list of talks: filter box, rows in live order, empty and error state.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { App, RoomRow } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Button, IconButton } from "../ui/Controls.tsx";
import { composing } from "../ui/keys.ts";
import { List, type ListHandle } from "../ui/List.tsx";
import { Filter, ListHead } from "./ListHead.tsx";
import { later } from "./later.ts";
import { picked, sheet } from "./place.ts";
import { RoomRowView, rowHeight } from "./RoomRowView.tsx";
import css from "./roomlist.module.css";
import { joined, useFound } from "./useFound.ts";

export function RoomList({ app }: { readonly app: App }) {
  const [filter, setFilter] = useState("");
  const [active, setActive] = useState(0);
  const handle = useRef<ListHandle>(null);
  const all = app.rooms.value;
  const more = app.moreRooms.value;
  const loading = app.roomsLoading.value;
  const error = app.roomsError.value;
  const there = useFound(app, filter);
  const rows = useMemo(() => (filter.trim() === "" ? all : joined(all, there, filter)), [all, there, filter]);
  const calm = useCalm(rows, handle);
  const parts = later.value;
  const shown = rows.length > 0;
  useEffect(() => {
    const list = handle.current?.scroller;
    return parts && list && shown ? parts.listenOrder(app, list) : undefined;
  }, [app, parts, shown]);

  const onScroll = (offset: number) => {
    calm(offset);
    const v = handle.current?.rows;
    if (v && more && !loading && filter === "" && offset + v.viewportSize > v.scrollSize - 8 * rowHeight)
      void app.moreRoomsPlease();
  };
  const create = () => {
    sheet.value = { kind: "new" };
  };
  return (
    <>
      {picked.value && parts ? (
        <parts.SelectBar app={app} />
      ) : (
        <ListHead title={say("view.chats")}>
          <IconButton icon="message-circle-plus" label={say("view.new")} onClick={create} />
        </ListHead>
      )}
      <Filter
        label={say("view.list.filter")}
        value={filter}
        onValue={(v) => {
          setFilter(v);
          setActive(0);
        }}
        onKeyDown={(e) => {
          if (composing(e)) return;
          if (e.key === "ArrowDown" && rows.length > 0) {
            e.preventDefault();
            setActive(0);
            handle.current?.focus(0);
          }
          if (e.key === "Enter" && rows[0]) app.open(rows[0].room.id);
        }}
      />
      {error && all.length === 0 ? (
        <div class={css.state} role="alert">
          <p>{sayError(error)}</p>
          <Button onClick={() => void app.moreRoomsPlease()}>{say("view.again")}</Button>
        </div>
      ) : all.length === 0 && loading ? (
        <Bones />
      ) : all.length === 0 ? (
        <div class={css.state}>
          <p>{say("view.list.empty")}</p>
          <Button kind="primary" onClick={create}>
            {say("view.new")}
          </Button>
        </div>
      ) : rows.length === 0 ? (
        <div class={css.state}>
          <p>{say("view.list.notFound", { q: filter.trim() })}</p>
        </div>
      ) : (
        <List
          class={css.rows}
          label={say("view.chats")}
          items={rows}
          keyOf={(r) => r.room.id}
          rowHeight={rowHeight}
          active={Math.min(active, rows.length - 1)}
          onActive={setActive}
          onScroll={onScroll}
          handle={handle}
        >
          {(row, i) => (
            <RoomRowView
              app={app}
              row={row}
              stop={i === Math.min(active, rows.length - 1)}
              onFocus={() => setActive(i)}
            />
          )}
        </List>
      )}
    </>
  );
}

// useCalm keeps the rows in sight where they are when the order changes above them.
function useCalm(rows: readonly RoomRow[], handle: { current: ListHandle | null }): (offset: number) => void {
  const seen = useRef<{ key: string; index: number } | null>(null);
  useLayoutEffect(() => {
    const v = handle.current?.rows;
    const was = seen.current;
    if (!v || !was || v.scrollOffset < rowHeight / 2) return;
    const now = rows.findIndex((r) => r.room.id === was.key);
    if (now >= 0 && now !== was.index) {
      v.scrollBy((now - was.index) * rowHeight);
      seen.current = { key: was.key, index: now };
    }
  }, [rows, handle]);
  return (offset) => {
    const index = Math.floor(offset / rowHeight);
    const row = rows[index];
    seen.current = row ? { key: row.room.id, index } : null;
  };
}

export function Bones({ rows = 8 }: { readonly rows?: number }) {
  return (
    <div class={css.bones} role="status" aria-label={say("view.loading")}>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} class={css.bone}>
          <i />
          <span>
            <b style={{ width: `${34 + ((i * 17) % 30)}%` }} />
            <b style={{ width: `${55 + ((i * 23) % 35)}%` }} />
          </span>
        </div>
      ))}
    </div>
  );
}
