// Foot stands beside a bubble: how many have yet to read it, that it is on its way and what it waits for, the time.
import { say } from "../text/say.ts";
import { Icon } from "../ui/Icon.tsx";
import css from "./bubble.module.css";
import type { Line } from "./lines.ts";
import { sheet } from "./place.ts";
import type { Talk } from "./talk.ts";
import { clock, fullDay } from "./when.ts";
import { waitsFor } from "./why.ts";

export function Foot({ talk, line }: { readonly talk: Talk; readonly line: Line }) {
  const b = line.bubble;
  const m = b.message;
  const unread = b.state === "sent" && m.unread > 0 && !m.cancelled;
  return (
    <div class={css.foot}>
      {m.edited && !m.cancelled && (
        <span
          class={css.edited}
          title={say("view.message.editedAt", { at: `${fullDay(m.edited)} ${clock(m.edited)}` })}
        >
          {say("view.message.edited")}
        </span>
      )}
      {unread && (
        <button
          type="button"
          class={css.unread}
          title={say("view.message.unread", { n: m.unread })}
          data-unread={m.unread}
          tabIndex={-1}
          onClick={() => {
            sheet.value = { kind: "readers", room: m.room, message: m.id };
          }}
        >
          <span aria-hidden="true">{m.unread}</span>
          <span class="heard">{say("view.message.unread", { n: m.unread })}</span>
        </button>
      )}
      {b.state === "pending" && (
        <span class={css.wait} role="img" aria-label={waitsFor(talk.app)} title={waitsFor(talk.app)}>
          <Icon name="clock" size={12} />
        </span>
      )}
      {b.state !== "pending" && line.last && <time dateTime={m.at}>{clock(m.at)}</time>}
    </div>
  );
}
