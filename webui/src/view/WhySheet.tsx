// WhySheet answers "why did I (not) hear of this?": each device's own lines, as they come in.
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Decided, RoomID, Seq } from "../gen/protocol.ts";
import type { App, Because } from "../state/app.ts";
import { type Key, say } from "../text/say.ts";
import { Dialog } from "../ui/Dialog.tsx";
import { Icon } from "../ui/Icon.tsx";
import { clock, fullDay } from "./when.ts";
import css from "./why.module.css";

const answersWithin = 3000; // a device that says nothing for so long is not there

interface WhyProps {
  readonly app: App;
  readonly room: RoomID;
  readonly seq: Seq;
  readonly close: () => void;
}

export function WhySheet({ app, room, seq, close }: WhyProps) {
  const answers = useMemo(() => app.why(room, seq), [app, room, seq]);
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), answersWithin);
    return () => clearTimeout(timer);
  }, []);
  const { from, all } = answers.value;
  const waits = !all && !late;
  return (
    <Dialog title={say("view.why")} close={close}>
      <div class={css.all} aria-live="polite" aria-busy={waits}>
        {from.map((b, i) => (
          <Device key={i} b={b} />
        ))}
        {waits ? (
          <p class={css.soft}>{say("view.why.asking")}</p>
        ) : (
          <p class={css.soft}>{say(from.some((b) => b.decided.length > 0) ? "view.why.about" : "view.why.nothing")}</p>
        )}
      </div>
    </Dialog>
  );
}

function Device({ b }: { readonly b: Because }) {
  return (
    <section class={css.device}>
      <h3>
        <Icon name="monitor" size={16} />
        {say(b.self ? "view.why.here" : (`view.why.${b.device}` as Key))}
      </h3>
      {b.decided.length === 0 ? (
        <p class={css.soft}>{say("view.why.unknown")}</p>
      ) : (
        <ol>
          {b.decided.map((d) => (
            <li key={d.at + d.why}>
              <time dateTime={d.at} title={fullDay(d.at)}>
                {clock(d.at)}
              </time>
              <span>
                <b>{say(`why.then.${d.then}` as Key)}</b>
                <span>{reason(d)}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

// A device of a newer version may know lines that this page has no sentence for.
function reason(d: Decided): string {
  const key = `why.${d.why.replaceAll(" ", "_")}`;
  const text = say(key as Key);
  return text === key ? d.why : text;
}
