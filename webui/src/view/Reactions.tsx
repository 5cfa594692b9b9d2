// Reactions are the emoji under a message: how many, who, and mine to take back.
import type { Message, Reaction } from "../gen/protocol.ts";
import { say, sayError } from "../text/say.ts";
import css from "./bubble.module.css";
import { note } from "./place.ts";
import type { Talk } from "./talk.ts";

export async function react(talk: Talk, m: Message, emoji: Reaction["emoji"], on: boolean): Promise<void> {
  const bad = await talk.app.acting.peek()?.react(talk.model.id, m.id, emoji, on);
  if (bad) note(bad === "too_large" ? say("view.react.full") : sayError(bad));
}

export function Reactions({ talk, m }: { readonly talk: Talk; readonly m: Message }) {
  const me = talk.app.me.value?.id;
  const members = talk.model.room.value?.members;
  return (
    <ul class={css.reactions} aria-label={say("view.reactions")}>
      {m.reactions?.map((r) => {
        const names = r.users.map((u) => (u === me ? say("view.me") : (members?.find((x) => x.id === u)?.name ?? u)));
        const rest = r.count - names.length;
        const who = names.join(", ") + (rest > 0 ? say("view.reactions.more", { n: rest }) : "");
        return (
          <li key={r.emoji}>
            <button
              type="button"
              class={r.mine ? `${css.reaction} ${css.my}` : css.reaction}
              aria-pressed={r.mine === true}
              title={who}
              tabIndex={-1}
              data-emoji={r.emoji}
              onClick={() => void react(talk, m, r.emoji, !r.mine)}
            >
              <span aria-hidden="true">{r.emoji}</span>
              <span aria-hidden="true">{r.count}</span>
              <span class="heard">{say("view.reactions.one", { emoji: r.emoji, n: r.count, who })}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
