// Badge is the number of what is unread, or, where it shall not call for anybody, a dot.
import { say } from "../text/say.ts";
import css from "./badge.module.css";

export const badge = (n: number): string => (n > 999 ? "999+" : String(n));

export function Badge({ n, quiet }: { readonly n: number; readonly quiet?: boolean }) {
  if (n <= 0) return null;
  return (
    <span class={quiet ? css.dot : css.badge}>
      {!quiet && <span aria-hidden="true">{badge(n)}</span>}
      <span class="heard">{say("view.unread", { n })}</span>
    </span>
  );
}
