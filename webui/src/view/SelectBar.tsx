// SelectBar stands in place of the list's head while several rooms are being chosen, and does to all of them at once
// what the menu of one does.
import { useEffect } from "preact/hooks";
import type { RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import { IconButton } from "../ui/Controls.tsx";
import { picked, sheet } from "./place.ts";
import css from "./roomlist.module.css";

export function SelectBar({ app }: { readonly app: App }) {
  const chosen: ReadonlySet<RoomID> = picked.value ?? new Set<RoomID>();
  const rows = app.rooms.value.filter((r) => chosen.has(r.room.id));
  const end = () => {
    picked.value = null;
  };
  // A room that is gone is no longer chosen.
  useEffect(() => {
    if (rows.length < chosen.size) picked.value = new Set(rows.map((r) => r.room.id));
  }, [rows.length, chosen.size]);
  const muted = rows.length > 0 && rows.every((r) => r.room.muted);
  const each = (act: (id: RoomID) => void) => () => {
    for (const r of rows) act(r.room.id);
    end();
  };
  return (
    <div class={css.selecting} role="toolbar" aria-label={say("view.select")}>
      <IconButton icon="x" label={say("view.select.end")} onClick={end} />
      <h1 aria-live="polite">{say("view.select.count", { n: rows.length })}</h1>
      <IconButton
        icon="list-checks"
        label={say("view.select.all")}
        onClick={() => {
          picked.value = new Set(app.rooms.peek().map((r) => r.room.id));
        }}
      />
      <IconButton
        icon="check-check"
        label={say("view.read")}
        disabled={!rows.some((r) => r.room.unread > 0)}
        onClick={() => {
          for (const r of rows) if (r.room.unread > 0) app.seen(r.room.id, r.room.seq);
          end();
        }}
      />
      <IconButton
        icon={muted ? "bell" : "bell-off"}
        label={say(muted ? "view.unmute" : "view.mute")}
        disabled={rows.length === 0}
        onClick={each((id) => void app.setMine(id, { notify: muted ? "all" : "none" }))}
      />
      <IconButton
        icon="log-out"
        label={say("view.leave")}
        disabled={rows.length === 0}
        onClick={() => {
          sheet.value = { kind: "leaveMany", rooms: rows.map((r) => r.room.id) };
        }}
      />
    </div>
  );
}
