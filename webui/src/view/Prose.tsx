// Prose is what somebody wrote, as elements: addresses become links, people spoken to stand out, code keeps its shape;
// everything else stays text. A long text is folded.
import { useMemo, useState } from "preact/hooks";
import type { Message } from "../gen/protocol.ts";
import { everybody, everybodyNames, type Named } from "../text/mentions.ts";
import { type Bit, prose } from "../text/prose.ts";
import { say } from "../text/say.ts";
import css from "./bubble.module.css";
import { Code } from "./Code.tsx";
import type { Talk } from "./talk.ts";

const longRunes = 1200;
const longLines = 24;

export function Prose({ talk, m }: { readonly talk: Talk; readonly m: Message }) {
  const members = m.mentions ? talk.model.room.value?.members : undefined;
  const bits = useMemo(() => prose(m.body, namesOf(m, members ?? [])), [m.body, m.mentions, members]);
  const me = talk.app.me.value?.id;
  const long = m.body.length > longRunes || m.body.split("\n", longLines + 1).length > longLines;
  const [whole, setWhole] = useState(false);
  const text = bits.map((bit, i) => <Piece key={i} bit={bit} me={me} />);
  if (!long) return <>{text}</>;
  return (
    <>
      <div class={whole ? undefined : css.folded}>{text}</div>
      <button type="button" class={css.unfold} tabIndex={-1} aria-expanded={whole} onClick={() => setWhole(!whole)}>
        {say(whole ? "view.message.fold" : "view.message.whole")}
      </button>
    </>
  );
}

function Piece({ bit, me }: { readonly bit: Bit; readonly me: string | undefined }) {
  switch (bit.kind) {
    case "link":
      return (
        <a href={bit.href} target="_blank" rel="noopener noreferrer nofollow" tabIndex={-1}>
          {bit.text}
        </a>
      );
    case "mention":
      return (
        <span class={bit.id === me || bit.id === everybody ? `${css.mention} ${css.me}` : css.mention}>{bit.text}</span>
      );
    case "code":
      return <Code text={bit.text} />;
    case "text":
      return <>{bit.text}</>;
  }
}

function namesOf(m: Message, members: readonly Named[]): readonly Named[] {
  const wanted = new Set(m.mentions);
  const out = members.filter((p) => wanted.has(p.id));
  return wanted.has(everybody) ? [...out, ...everybodyNames.map((name) => ({ id: everybody, name }))] : out;
}
