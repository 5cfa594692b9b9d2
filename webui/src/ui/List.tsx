// List shows any number of rows and draws only those in sight. It knows sizes, positions and roving focus,
// not what a row is. Rows tell their position to screen readers.
import type { ComponentChildren, CSSProperties, JSX, Ref } from "preact";
import { createContext } from "preact";
import {
  useCallback,
  useContext,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "preact/hooks";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { step } from "./roving.ts";

export interface ListHandle {
  readonly scroller: HTMLElement | null;
  readonly rows: VirtualizerHandle | null;
  // focus moves the keyboard to a row, drawing it first where needed.
  focus(index: number): void;
}

interface Props<T> {
  readonly items: readonly T[];
  readonly keyOf: (item: T) => string;
  readonly children: (item: T, index: number, stop: boolean) => JSX.Element; // stop: the row that Tab reaches
  readonly label: string;
  // grown says that the last change added rows at the start, so that the rows in sight stay where they are.
  readonly grown?: boolean;
  readonly rowHeight?: number;
  readonly active?: number; // the row that Tab reaches
  readonly onActive?: (index: number) => void;
  readonly onScroll?: (offset: number) => void;
  readonly onResize?: () => void;
  readonly handle?: Ref<ListHandle>;
  readonly class?: string | undefined;
  readonly before?: ComponentChildren; // stands above the first row and scrolls with it
  readonly beforeHeight?: number;
  readonly after?: ComponentChildren;
  readonly onKeyDown?: (e: KeyboardEvent) => void;
  // steady says that children depends on nothing but its arguments until another function is given: then rows that
  // are drawn already are not drawn again while the list is scrolled.
  readonly steady?: boolean;
  readonly tree?: boolean; // the rows are items of a tree, and say themselves where they stand
}

const Count = createContext(0);

interface ItemProps {
  readonly style: CSSProperties;
  readonly index: number;
  readonly children: ComponentChildren;
  readonly ref?: Ref<HTMLDivElement>;
}

function Item({ style, index, children, ref }: ItemProps) {
  const count = useContext(Count);
  return (
    <div
      ref={ref ?? null}
      style={style}
      {...(count < 0 ? { role: "none" as const } : listItem(index, count))}
      data-index={index}
    >
      {children}
    </div>
  );
}

const listItem = (index: number, count: number) =>
  ({ role: "listitem", "aria-posinset": index + 1, "aria-setsize": count }) as const;

export function List<T>(p: Props<T>) {
  const { items, handle, onActive, active = 0 } = p;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useRef<VirtualizerHandle>(null);
  const [wanted, want] = useState<number | null>(null);

  const focus = useCallback((index: number) => {
    rows.current?.scrollToIndex(index, { align: "nearest" });
    want(index);
  }, []);

  useImperativeHandle(
    handle ?? null,
    () => ({
      get scroller() {
        return scroller.current;
      },
      get rows() {
        return rows.current;
      },
      focus,
    }),
    [focus],
  );

  // A row far away is drawn a moment after the scroll; the focus waits for it.
  useLayoutEffect(() => {
    if (wanted === null) return;
    const row = scroller.current?.querySelector<HTMLElement>(`[data-index="${wanted}"] [data-stop]`);
    if (row) {
      row.focus({ preventScroll: true });
      want(null);
    }
  });
  useEffect(() => {
    if (wanted !== null && wanted >= items.length) want(null);
  }, [wanted, items.length]);

  const onKeyDown = (e: KeyboardEvent) => {
    p.onKeyDown?.(e);
    if (e.defaultPrevented || !onActive) return;
    const from = e.target instanceof Element ? e.target.closest("[data-stop]") : null;
    if (!from || from !== e.target) return;
    const to = step(e, active, items.length);
    if (to === null) return;
    e.preventDefault();
    onActive(to);
    focus(to);
  };

  const drawn = useDrawn(p.keyOf, p.children);

  const kept = useMemo(
    () => [...new Set([active, wanted ?? active])].filter((i) => i >= 0 && i < items.length),
    [active, wanted, items.length],
  );

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useAriaPropsSupportedByRole: it is a list or a tree
    <div ref={scroller} class={p.class} role={p.tree ? "tree" : "list"} aria-label={p.label} onKeyDown={onKeyDown}>
      {p.before}
      <Count.Provider value={p.tree ? -1 : items.length}>
        <Virtualizer
          ref={rows}
          scrollRef={scroller}
          data={items}
          item={Item as never}
          keepMounted={kept}
          startMargin={p.beforeHeight ?? 0}
          {...(p.grown === undefined ? {} : { shift: p.grown })}
          {...(p.rowHeight === undefined ? {} : { itemSize: p.rowHeight })}
          {...(p.onScroll ? { onScroll: p.onScroll } : {})}
          {...(p.onResize ? { onResize: p.onResize } : {})}
        >
          {(item: T, index: number) => {
            if (p.steady) return drawn(item, index, index === active) as never;
            const row = p.children(item, index, index === active);
            row.key = p.keyOf(item);
            return row as never;
          }}
        </Virtualizer>
      </Count.Provider>
      {p.after}
    </div>
  );
}

const drawnKept = 96; // a few screens of rows

interface Drawn<T> {
  readonly item: T;
  readonly index: number;
  readonly stop: boolean;
  readonly row: JSX.Element;
}

// useDrawn remembers what the last rows were drawn as.
function useDrawn<T>(keyOf: Props<T>["keyOf"], draw: Props<T>["children"]): Props<T>["children"] {
  return useMemo(() => {
    const rows = new Map<string, Drawn<T>>();
    return (item: T, index: number, stop: boolean) => {
      const key = keyOf(item);
      const known = rows.get(key);
      if (known?.item === item && known.index === index && known.stop === stop) return known.row;
      const row = draw(item, index, stop);
      row.key = key;
      rows.delete(key);
      rows.set(key, { item, index, stop, row });
      for (const oldest of rows.keys()) {
        if (rows.size <= drawnKept) break;
        rows.delete(oldest);
      }
      return row;
    };
  }, [keyOf, draw]);
}
