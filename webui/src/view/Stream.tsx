// Stream shows a room's messages. It keeps the place: older ones come in above without a jump, new ones are followed
// only by somebody who is at the bottom. It says what has been seen.
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Message, Quote, Seq } from "../gen/protocol.ts";
import type { App, Bubble, RoomModel } from "../state/app.ts";
import { say, sayError } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import { Icon } from "../ui/Icon.tsx";
import { List, type ListHandle } from "../ui/List.tsx";
import { BubbleView } from "./BubbleView.tsx";
import { type Line, lines } from "./lines.ts";
import { finding, heard, watching } from "./place.ts";
import { keepSpot, takeSpot } from "./spot.ts";
import css from "./stream.module.css";
import type { Aim, Talk } from "./talk.ts";
import { useGrown } from "./useGrown.ts";
import { system } from "./words.ts";

const top = 44; // the strip above the first message
const near = 32; // this close to the end counts as the bottom
const ahead = 900; // older messages are fetched this far before the top

interface Props {
  readonly app: App;
  readonly model: RoomModel;
  readonly onAim: (aim: Aim) => void;
  readonly jump: Talk["jump"];
}

// Where the reader was among the newest messages, for the way back from a search.
interface Spot {
  readonly key: string;
  readonly below: number;
}
type Spots = WeakMap<RoomModel, Spot | "end">;
const spots: Spots = new WeakMap();
// Where the reader is while what was jumped to and the newest messages become one.
const joints: Spots = new WeakMap();
// How much of what the person sent has been gone to the end for.
const followed = new WeakMap<RoomModel, number>();

export function Stream(p: Props) {
  return <Part key={p.model.view.value} {...p} />;
}

function Part({ app, model, onAim, jump }: Props) {
  const far = model.newer.value;
  const aim = model.aim.value;
  const searching = finding.value?.room === model.id && finding.value.away;
  const bubbles = model.bubbles.value;
  const marker = model.marker.value;
  const wrote = model.wrote.value;
  const more = model.more.value;
  const loading = model.loading.value;
  const error = model.error.value;
  const all = useMemo(() => lines(bubbles, marker, more), [bubbles, marker, more]);
  const { items, grown } = useGrown(all);
  const handle = useRef<ListHandle>(null);
  const [active, setActive] = useState(-1);
  const place = useRef({ placed: false, bottom: true, offset: 0 });
  const [away, setAway] = useState(false); // scrolled up
  const [below, setBelow] = useState<string | null>(null); // the last message there was when the reader left the bottom

  // Rows are measured as they come into sight; the observer below keeps the end in sight while they are.
  const toEnd = useCallback(() => {
    const scroller = handle.current?.scroller;
    place.current.bottom = true;
    if (scroller) scroller.scrollTop = scroller.scrollHeight;
  }, []);

  // From far away the rows at the end are still guesses; scrollToIndex goes on until they are measured.
  const fromAfar = useCallback(() => {
    toEnd();
    handle.current?.rows?.scrollToIndex(itemsNow.current.length - 1, { align: "end" });
  }, [toEnd]);

  // The first time there is something to show: where the reader left off when that is above the last page, else the end.
  useLayoutEffect(() => {
    const h = handle.current;
    if (place.current.placed || items.length === 0 || !h?.rows) return;
    place.current.placed = true;
    const kept = takeSpot(app.me.peek()?.id, model.id, app.alone);
    if (aim) return;
    if (back(h, items)) return;
    if (kept && !app.pointed.peek()) {
      // Further up than what is here, it has to be fetched; further down, it is still to come.
      if (items.some((l) => l.bubble.message.seq > 0 && l.bubble.message.seq <= kept.seq)) held.current = kept;
      else void model.jump(kept.seq).then((bad) => bad && toEnd());
      return;
    }
    const mark = items.findIndex((l) => l.marker);
    if (mark >= 0 && items.length - mark > 12) {
      place.current.bottom = false;
      setAway(true);
      setBelow(lastKey(items));
      h.rows.scrollToIndex(mark, { align: "start", offset: -top });
    } else toEnd();
  }, [items, toEnd]);

  // Rows above the place are still to come and to be measured then: it is gone to again until the reader moves.
  const held = useRef<{ readonly seq: Seq; readonly below: number } | null>(null);
  useLayoutEffect(() => {
    const spot = held.current;
    if (!spot) return;
    const to = items.findLastIndex((l) => l.bubble.message.seq > 0 && l.bubble.message.seq <= spot.seq);
    if (to >= 0) handle.current?.rows?.scrollToIndex(to, { align: "start", offset: spot.below - top });
  }, [items]);
  useEffect(() => {
    const moves = ["wheel", "touchstart", "pointerdown", "keydown"] as const;
    const letGo = () => {
      held.current = null;
    };
    for (const m of moves) addEventListener(m, letGo, true);
    return () => {
      for (const m of moves) removeEventListener(m, letGo, true);
    };
  }, []);

  // behind: the person has sent something since, and the end comes first.
  const behind = () => (followed.get(model) ?? 0) !== wrote;
  useLayoutEffect(() => {
    if (!behind()) return;
    followed.set(model, wrote);
    held.current = null;
    if (place.current.placed) fromAfar();
  }, [wrote]);

  // back returns to where the reader was before a search, and tells whether that is away from the end.
  const back = (h: ListHandle, items: readonly Line[]): boolean => {
    const spot = joints.get(model) ?? spots.get(model);
    joints.delete(model);
    const to = !spot || spot === "end" || lastMine || behind() ? -1 : items.findIndex((l) => l.key === spot.key);
    if (to < 0 || !spot || spot === "end") return false;
    place.current.bottom = false;
    setAway(true);
    setBelow((was) => was ?? lastKey(items));
    h.rows?.scrollToIndex(to, { align: "start", offset: spot.below - top });
    return true;
  };

  // What was found comes into the middle.
  const aimed = aim?.turn;
  useLayoutEffect(() => {
    const h = handle.current;
    if (!aim || !h?.rows) return;
    const to = items.findIndex((l) => l.bubble.message.seq === aim.seq);
    if (to < 0) return;
    place.current.bottom = false;
    setAway(true);
    h.rows.scrollToIndex(to, { align: "center" });
  }, [aimed]);

  // The search is over: back to where it began.
  const searched = useRef(searching);
  useEffect(() => {
    if (searched.current && !searching && handle.current) {
      const here = model.view.peek() === 0;
      model.live();
      if (here && !back(handle.current, itemsNow.current)) fromAfar();
    }
    searched.current = searching;
  }, [searching]);

  // What comes while the reader is at the bottom, or what the reader sends, is followed.
  const last = items.at(-1);
  const lastKeyNow = last?.key;
  const lastMine = last?.bubble.mine && last.bubble.state === "pending";
  useLayoutEffect(() => {
    if (lastKeyNow === undefined || !place.current.placed || far) return;
    if (place.current.bottom || lastMine) toEnd();
  }, [lastKeyNow, lastMine, toEnd]);

  // The window or the composer changes the height of the stream, a bubble its own: the bottom stays the bottom.
  useEffect(() => {
    const scroller = handle.current?.scroller;
    if (!scroller) return;
    const stay = new ResizeObserver(() => {
      if (place.current.bottom) scroller.scrollTop = scroller.scrollHeight;
    });
    stay.observe(scroller);
    if (scroller.lastElementChild) stay.observe(scroller.lastElementChild);
    for (const child of scroller.children) stay.observe(child);
    return () => stay.disconnect();
  }, [items.length > 0]);

  const older = useCallback(() => {
    if (model.more.value && !model.loading.value && !model.error.value) void model.loadOlder();
  }, [model]);

  const onScroll = useCallback(
    (offset: number) => {
      const s = handle.current?.scroller;
      const p = place.current;
      if (!s || !p.placed) return;
      const rest = s.scrollHeight - s.scrollTop - s.clientHeight;
      // Only a move upwards leaves the bottom; that the content grew does not.
      if (rest <= near && !model.newer.peek()) p.bottom = true;
      else if (offset < p.offset - 1) p.bottom = false;
      p.offset = offset;
      const note = (where: Spots): void => {
        const rows = handle.current?.rows;
        const offset = place.current.offset;
        const i = rows?.findItemIndex(offset) ?? -1;
        const key = itemsNow.current[i]?.key;
        if (!key || !rows) return;
        const spot = { key, below: offset - rows.getItemOffset(i) };
        where.set(model, p.bottom ? "end" : spot);
        const user = app.me.peek()?.id;
        const seq = itemsNow.current[i]?.bubble.message.seq;
        const spotNow = p.bottom || !user || !seq ? null : { user, room: model.id, seq, below: spot.below };
        clearTimeout(resting.current);
        resting.current = setTimeout(() => keepSpot(spotNow, app.alone), 300);
      };
      if (!finding.peek()?.away && model.view.peek() === 0) note(spots);
      if (model.newer.peek() && rest < ahead) void model.loadNewer(() => note(joints));
      setAway(!p.bottom && rest > near);
      if (p.bottom) setBelow(null);
      else setBelow((was) => was ?? lastKey(itemsNow.current));
      if (offset < ahead) older();
    },
    [older],
  );
  const itemsNow = useRef(items);
  itemsNow.current = items;
  // Written down when the scrolling rests.
  const resting = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(resting.current), []);

  // A first page that does not fill the screen, or that begins with what is unread, is followed by the next
  // one, once it is there: where nothing can be scrolled, no scrolling asks for it.
  // Where something was said meanwhile the browser need not lay the page out just to tell.
  const idle = !model.loading.value;
  const drawn = useRef<{ readonly first?: string; readonly n: number; readonly idle: boolean }>({ n: 0, idle: true });
  useEffect(() => {
    const was = drawn.current;
    const first = items[0]?.key;
    drawn.current = { ...(first ? { first } : {}), n: items.length, idle };
    if (first === undefined || (first === was.first && items.length >= was.n && idle === was.idle)) return;
    const s = handle.current?.scroller;
    if (s && model.more.peek() && place.current.placed && s.scrollTop < ahead) older();
  }, [items, model, older, idle]);

  useSeen(app, model, bubbles, () => place.current.bottom, away);
  useHeard(bubbles);

  const talk = useMemo<Talk>(
    () => ({
      app,
      model,
      reply: (message: Message) => onAim({ kind: "reply", message }),
      edit: (message: Message) => onAim({ kind: "edit", message }),
      jump,
    }),
    [app, model, onAim, jump],
  );

  // The address may name a message; it is shown once.
  const pointed = app.pointed.value;
  const ready = app.acting.value !== null && items.length > 0;
  useEffect(() => {
    if (!pointed || !ready) return;
    app.open(model.id);
    jump({ id: pointed, seq: 0 as Quote["seq"] });
  }, [app, model, jump, pointed, ready]);

  const stop = active < 0 ? items.length - 1 : Math.min(active, items.length - 1);
  const aimSeq = aim?.seq;
  const draw = useCallback(
    (line: Line, i: number, stop: boolean) => (
      <BubbleView
        talk={talk}
        line={line}
        found={line.bubble.message.seq === aimSeq}
        stop={stop}
        onFocus={() => setActive(i)}
      />
    ),
    [talk, aimSeq],
  );

  const fresh = useMemo(() => countAfter(items, below), [items, below]);

  if (items.length === 0) {
    return (
      <div class={css.empty}>
        {error ? (
          <div role="alert" class={css.wrong}>
            <p>{sayError(error)}</p>
            <Button onClick={() => void model.loadOlder()}>{say("view.again")}</Button>
          </div>
        ) : loading || more ? (
          <Bones />
        ) : (
          <p>{say("view.room.empty")}</p>
        )}
      </div>
    );
  }
  return (
    <div class={css.frame}>
      <List
        class={css.stream}
        label={say("view.messages")}
        items={items}
        keyOf={keyOf}
        steady
        grown={grown}
        active={stop}
        onActive={setActive}
        onScroll={onScroll}
        handle={handle}
        beforeHeight={top}
        before={
          <div class={css.top} style={{ height: `${top}px` }}>
            {error ? (
              <button type="button" class={css.retry} onClick={() => void model.loadOlder()}>
                <Icon name="rotate-cw" size={14} />
                {say("view.room.olderFailed")}
              </button>
            ) : more ? (
              <span>{say("view.loading")}</span>
            ) : (
              <span>{say("view.room.start")}</span>
            )}
          </div>
        }
        after={<div class={css.bottom} />}
      >
        {draw}
      </List>
      {away && (
        <button
          type="button"
          class={css.pill}
          onClick={() => {
            setBelow(null);
            spots.delete(model);
            if (far) model.live();
            else fromAfar();
          }}
        >
          {far ? (
            say("view.find.toNow")
          ) : fresh > 0 ? (
            say("view.room.fresh", { n: fresh })
          ) : (
            <span class="heard">{say("view.room.toEnd")}</span>
          )}
          <Icon name="arrow-down" size={16} />
        </button>
      )}
    </div>
  );
}

const keyOf = (l: Line): string => l.key;
const lastKey = (items: readonly Line[]): string | null => items.at(-1)?.key ?? null;

// countAfter counts what others wrote below the line with this key.
function countAfter(items: readonly Line[], key: string | null): number {
  if (key === null) return 0;
  let n = 0;
  for (let i = items.length - 1; i >= 0; i--) {
    const line = items[i] as Line;
    if (line.key === key) return n;
    if (
      !line.bubble.mine &&
      !line.bubble.message.cancelled &&
      line.bubble.message.type !== "invite" &&
      line.bubble.message.type !== "leave"
    )
      n++;
  }
  return 0;
}

// useSeen reports the last message as seen: when the room opens in front of somebody, and then whenever the bottom is in sight.
function useSeen(app: App, model: RoomModel, bubbles: readonly Bubble[], atBottom: () => boolean, away: boolean): void {
  const opened = useRef(false);
  const front = watching.value;
  useEffect(() => {
    if (!front) return;
    const last = bubbles.findLast((b) => b.message.seq > 0)?.message.seq;
    if (last === undefined) return;
    if (!opened.current || (atBottom() && !away)) app.seen(model.id, last);
    opened.current = true;
  }, [app, model, bubbles, front, away, atBottom]);
}

// useHeard reads new messages of others out, politely, while the room is in front.
function useHeard(bubbles: readonly Bubble[]): void {
  const known = useRef<number | null>(null);
  useEffect(() => {
    const last = bubbles.findLast((b) => b.message.seq > 0);
    if (!last) return;
    const seq = last.message.seq;
    const before = known.current;
    known.current = Math.max(before ?? 0, seq);
    if (before === null || seq <= before || last.mine || !watching.peek()) return;
    const m = last.message;
    const said = m.type === "invite" || m.type === "leave" ? system(m) : `${m.senderName}: ${m.body.slice(0, 200)}`;
    heard.value = said;
    // What was read out does not stay: it may be taken back.
    setTimeout(() => {
      if (heard.peek() === said) heard.value = "";
    }, 4000);
  }, [bubbles]);
}

function Bones() {
  return (
    <div class={css.bones} role="status" aria-label={say("view.loading")}>
      {[52, 34, 64, 40, 28, 56].map((w, i) => (
        <span key={w} class={i % 3 === 2 ? css.own : ""} style={{ width: `${w}%` }} />
      ))}
    </div>
  );
}
