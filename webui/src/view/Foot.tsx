// Foot stands beside a bubble: how many have yet to read it, that it is on its way, the time.
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import css from "./bubble.module.css";
import type { Line } from "./lines.ts";
import { clock } from "./when.ts";

export function Foot({ line }: { readonly line: Line }) {
  const b = line.bubble;
  const m = b.message;
  return (
    <div class={css.foot}>
      {b.state === "sent" && m.unread > 0 && !m.cancelled && (
        <span class={css.unread} title={say("view.message.unread", { n: m.unread })} data-unread={m.unread}>
          {m.unread}
        </span>
      )}
      {b.state === "pending" && (
        <span class={css.wait} role="img" aria-label={say("view.message.pending")}>
          <Icon name="clock" size={12} />
        </span>
      )}
      {b.state !== "pending" && line.last && <time dateTime={m.at}>{clock(m.at)}</time>}
    </div>
  );
}
