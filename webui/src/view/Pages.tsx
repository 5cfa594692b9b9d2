// Pages turns over a list that does not stand on one page.
import { say } from "../text/say.ts";
import { Button } from "../ui/Controls.tsx";
import css from "./pages.module.css";

interface Props {
  readonly from: number; // of the first one that is shown
  readonly shown: number;
  readonly of: number;
  readonly page: number; // how many a page holds
  readonly go: (from: number) => void;
}

export function Pages({ from, shown, of, page, go }: Props) {
  return (
    <div class={css.pages}>
      <span>{say("view.pages", { from: from + 1, to: from + shown, of })}</span>
      <Button disabled={from === 0} onClick={() => go(Math.max(0, from - page))}>
        {say("view.pages.back")}
      </Button>
      <Button disabled={from + shown >= of} onClick={() => go(from + page)}>
        {say("view.pages.on")}
      </Button>
    </div>
  );
}
