// TypingLine says who is typing. It has its place also while nobody is, so that nothing moves.
import type { Person, RoomID } from "../gen/protocol.ts";
import type { App } from "../state/app.ts";
import { say } from "../text/say.ts";
import css from "./typing.module.css";

// typists is the sentence, "" for nobody.
export function typists(people: readonly Person[]): string {
  const [one, two] = people;
  if (!one) return "";
  if (!two) return say("view.typing.one", { who: say("view.honoured", { name: one.name }) });
  if (people.length > 2) return say("view.typing.many");
  const both = people.map((p) => say("view.honoured", { name: p.name })).join(", ");
  return say("view.typing.two", { who: both });
}

export function TypingLine({ app, id }: { readonly app: App; readonly id: RoomID }) {
  const text = typists(app.live.value?.typing(id).value ?? []);
  return (
    <p class={css.line} data-typing={text !== "" || undefined}>
      {text && (
        <>
          <span class={css.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          {text}
        </>
      )}
    </p>
  );
}
