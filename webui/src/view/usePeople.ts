// usePeople asks for the people that fit what was typed. Answers that come out of order are dropped.
import { useEffect, useState } from "preact/hooks";
import type { User } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";

// The answer to each letter of a fast typist would be thrown away anyway.
const typing = 120;

export function usePeople(app: App, q: string): readonly User[] | null {
  const [people, setPeople] = useState<readonly User[] | null>(null);
  useEffect(() => {
    let wanted = true;
    const ask = () =>
      app.searchUsers(q.trim()).then((found) => {
        if (wanted) setPeople(found);
      });
    const timer = setTimeout(ask, q === "" ? 0 : typing);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [app, q]);
  return people;
}
