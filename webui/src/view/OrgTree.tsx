// OrgTree is the organisation with its people: a tree for the keyboard and the screen reader, drawn as far as it is
// seen. It says what was pressed and what was chosen; what follows is for whoever shows it.
import type { Ref } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { User, UserID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import type { Org, OrgRow } from "../state/org.ts";
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import { composing } from "../ui/keys.ts";
import { List, type ListHandle } from "../ui/List.tsx";
import css from "./orgtree.module.css";
import { PersonFace } from "./People.tsx";
import { Bones } from "./RoomList.tsx";

interface Props {
  readonly app: App;
  readonly org: Org;
  readonly chosen: ReadonlySet<UserID>;
  readonly onChoose: (users: readonly User[], on: boolean) => void;
  // onPress: Enter or a press on a person; without it a press chooses.
  readonly onPress?: (user: User) => void;
  readonly onMenu?: (user: User, at: MouseEvent) => void;
  readonly inside?: ReadonlySet<UserID> | undefined; // cannot be chosen any more
  readonly handle?: Ref<ListHandle>;
  readonly class?: string | undefined;
}

export function OrgTree(p: Props) {
  const { org } = p;
  const [active, setActive] = useState(0);
  const own = useRef<ListHandle>(null);
  const handle = p.handle && typeof p.handle === "object" ? p.handle : own;
  const rows = org.rows.value;
  const at = Math.min(active, Math.max(0, rows.length - 1));
  useEffect(() => {
    if (org.loading.peek()) void org.start();
  }, [org]);
  // Whoever stands on a line that only waits goes on with what comes in its place, and is not left outside of the tree.
  const waits = useRef(false);
  useEffect(() => {
    if (!waits.current || rows[at]?.kind === "wait") return;
    waits.current = false;
    if (document.activeElement === document.body) handle.current?.focus(at);
  }, [rows, at, handle]);
  if (org.loading.value) return <Bones />;

  const go = (i: number) => {
    if (i < 0) return;
    setActive(i);
    handle.current?.focus(i);
  };
  const choose = async (row: OrgRow) => {
    if (row.kind === "person" && !p.inside?.has(row.user.id)) p.onChoose([row.user], !p.chosen.has(row.user.id));
    if (row.kind === "unit") {
      const all = (await org.everybody(row.unit.code)).filter((u) => !p.inside?.has(u.id));
      p.onChoose(all, !all.every((u) => p.chosen.has(u.id)));
    }
  };
  const press = (row: OrgRow) => {
    if (row.kind === "unit" || row.kind === "circle") org.toggle(row.key);
    else if (row.kind === "failed") org.toggle(row.unit);
    else if (row.kind === "person" && p.onPress) p.onPress(row.user);
    else void choose(row);
  };
  const onKeyDown = (e: KeyboardEvent) => {
    const row = rows[at];
    if (!row || composing(e) || e.ctrlKey || e.altKey || e.metaKey) return;
    const opens = row.kind === "unit" || row.kind === "circle";
    if (e.key === "ArrowRight" && opens) {
      if (!row.open) org.toggle(row.key);
      else go(at + 1);
    } else if (e.key === "ArrowLeft") {
      if (opens && row.open) org.toggle(row.key);
      else go(rows.findIndex((r) => r.key === row.under));
    } else if (e.key === "*") void org.openAll();
    else if (e.key === " ") void choose(row);
    else if (e.key === "Enter") press(row);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };

  return (
    <List
      tree
      class={`${css.tree} ${p.class ?? ""}`}
      label={say("view.org")}
      items={rows}
      keyOf={(r) => r.key}
      rowHeight={48}
      active={at}
      onActive={setActive}
      handle={handle}
      onKeyDown={onKeyDown}
    >
      {(row, i) => (
        <Row
          row={row}
          tree={p}
          here={i === at}
          onFocus={() => {
            waits.current = row.kind === "wait";
            setActive(i);
          }}
          onPress={() => press(row)}
          onChoose={() => void choose(row)}
        />
      )}
    </List>
  );
}

interface RowProps {
  readonly row: OrgRow;
  readonly tree: Props;
  readonly here: boolean;
  readonly onFocus: () => void;
  readonly onPress: () => void;
  readonly onChoose: () => void;
}

function Row({ row, tree, here, onFocus, onPress, onChoose }: RowProps) {
  const person = row.kind === "person" ? row.user : null;
  const chosen = person !== null && tree.chosen.has(person.id);
  const inside = person !== null && tree.inside?.has(person.id) === true;
  const opens = row.kind === "unit" || row.kind === "circle";
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys
    <div
      role="treeitem"
      data-stop
      tabIndex={here ? 0 : -1}
      aria-level={row.level}
      aria-posinset={row.place}
      aria-setsize={row.of}
      aria-expanded={opens ? row.open : undefined}
      aria-selected={person ? chosen : undefined}
      aria-disabled={inside ? "true" : undefined}
      class={`${css.row} ${person ? css.person : css.unit} ${chosen ? css.chosen : ""}`}
      style={{ "--level": row.level - 1 }}
      data-user={person?.id}
      data-unit={row.kind === "unit" ? row.unit.code : undefined}
      onFocus={onFocus}
      onClick={onPress}
      onContextMenu={(e) => person && tree.onMenu?.(person, e)}
    >
      {opens && <Icon name="chevron-right" size={16} />}
      {row.kind === "circle" && (
        <>
          <Icon name={row.which === "recent" ? "clock" : "star"} size={16} />
          <b>{say(`view.org.${row.which}`)}</b>
          <span class={css.count}>{row.count}</span>
        </>
      )}
      {row.kind === "unit" && (
        <>
          <b>{row.unit.name}</b>
          {row.mine && row.unit.here > 0 && <span class={css.mine}>{say("view.org.mine")}</span>}
          <span class={css.count}>{row.unit.people}</span>
          <Check label={say("view.org.all", { name: row.unit.name })} on={false} onPress={onChoose} />
        </>
      )}
      {row.kind === "wait" && <span class={css.soft}>{say("view.org.wait")}</span>}
      {row.kind === "failed" && <span class={css.soft}>{say("view.org.failed")}</span>}
      {person && (
        <>
          <PersonFace user={person} me={tree.app.me.value?.id} app={tree.app} />
          {inside ? (
            <span class={css.count}>{say("view.invite.inside")}</span>
          ) : (
            <Check label={say("view.org.choose", { name: person.name })} on={chosen} onPress={onChoose} />
          )}
        </>
      )}
    </div>
  );
}

// Check is for the pointer; the keyboard chooses with the space bar.
function Check({ label, on, onPress }: { readonly label: string; readonly on: boolean; readonly onPress: () => void }) {
  return (
    <button
      type="button"
      tabIndex={-1}
      title={label}
      aria-label={label}
      aria-pressed={on}
      class={`${css.check} ${on ? css.on : ""}`}
      onClick={(e) => {
        e.stopPropagation();
        onPress();
      }}
    >
      {on && <Icon name="check" size={14} />}
    </button>
  );
}
