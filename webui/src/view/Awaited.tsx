// Awaited stands where something asked of the server will stand: empty at first, then it says that it is on its way,
// or why it did not come and how to ask again.
import { useEffect, useState } from "preact/hooks";
import { say } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import css from "./awaited.module.css";

interface Props {
  readonly error: string | null;
  readonly again: () => void;
}

// patience is how many milliseconds nobody wants to be told of.
const patience = 800;

export function Awaited({ error, again }: Props) {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), patience);
    return () => clearTimeout(timer);
  }, []);
  if (error) {
    return (
      <p role="alert" class={css.error}>
        {error} <Button onClick={again}>{say("view.again")}</Button>
      </p>
    );
  }
  return (
    <p role="status" class={css.wait}>
      {long && say("view.loading")}
    </p>
  );
}
