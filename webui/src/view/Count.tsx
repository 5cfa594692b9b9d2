// Count says how much room is left in a text, once it gets scarce.
import { limits } from "../gen/protocol.ts";
import { say } from "../text/say.ts";
import css from "./composer.module.css";

export const warnFrom = limits.textRunes - 200;
export const countId = "composer-count";

// runes counts as the server does: in code points.
export function runes(text: string): number {
  if (text.length <= warnFrom) return text.length;
  let n = 0;
  for (const _ of text) n++;
  return n;
}

export function Count({ n, alert }: { readonly n: number; readonly alert: boolean }) {
  if (n <= warnFrom) return null;
  const left = limits.textRunes - n;
  return (
    <p id={countId} class={left < 0 ? `${css.count} ${css.over}` : css.count} role={alert ? "alert" : undefined}>
      {left < 0 ? say("view.composer.over", { n: -left }) : say("view.composer.left", { n: left })}
    </p>
  );
}
