// useGrown tells whether rows were added at the start, in a form the list can use: rows at both ends come one end at a time.
import { useLayoutEffect, useReducer, useRef } from "preact/hooks";

interface Keyed {
  readonly key: string;
}

export function useGrown<T extends Keyed>(
  all: readonly T[],
): { readonly items: readonly T[]; readonly grown: boolean } {
  const shown = useRef<readonly T[]>([]);
  const [, again] = useReducer((n: number) => n + 1, 0);
  const before = shown.current;
  const first = before[0]?.key;
  const head = first === undefined || all[0]?.key === first ? 0 : all.findIndex((i) => i.key === first);
  const grown = head > 0;
  const both = grown && all.length - head > before.length;
  const items = both ? all.slice(0, head + before.length) : all;
  useLayoutEffect(() => {
    shown.current = items;
    if (both) again(0);
  }, [items, both]);
  return { items, grown };
}
