// useNewest keeps an answer from showing up after the answer to a later question.
import { useCallback, useRef } from "preact/hooks";

// What it returns gives back the answer, or null when something else was asked meanwhile.
export function useNewest(): <T>(answer: Promise<T>) => Promise<T | null> {
  const turn = useRef(0);
  return useCallback(async (answer) => {
    const mine = ++turn.current;
    const got = await answer;
    return mine === turn.current ? got : null;
  }, []);
}
