// What a text consists of, as values: words, addresses, people spoken to, code between ``` fences. The view makes
// elements of them.
import type { UserID } from "../gen/protocol.ts";
import { links } from "./links.ts";
import { mentionsIn, type Named } from "./mentions.ts";

export type Bit =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  | { readonly kind: "mention"; readonly text: string; readonly id: UserID }
  | { readonly kind: "code"; readonly text: string };

const fence = /```(?:[\w+#.-]{1,20}\n)?([\s\S]+?)```/g;

// prose takes a text apart. Mentions are those that the message says it makes.
export function prose(text: string, mentioned: readonly Named[]): readonly Bit[] {
  const out: Bit[] = [];
  let at = 0;
  for (const block of text.matchAll(fence)) {
    const code = (block[1] as string).replace(/^\n|\n$/g, "");
    if (code.trim() === "") continue;
    // The line ends around a block belong to it.
    words(out, text.slice(at, block.index).replace(/\n$/, ""), mentioned);
    out.push({ kind: "code", text: code });
    at = block.index + block[0].length;
    if (text[at] === "\n") at++;
  }
  words(out, text.slice(at), mentioned);
  return out;
}

function words(out: Bit[], text: string, mentioned: readonly Named[]): void {
  let at = 0;
  for (const m of mentioned.length > 0 ? mentionsIn(text, mentioned) : []) {
    if (!mentioned.some((p) => p.id === m.id)) continue;
    addresses(out, text.slice(at, m.from));
    out.push({ kind: "mention", text: text.slice(m.from, m.to), id: m.id });
    at = m.to;
  }
  addresses(out, text.slice(at));
}

function addresses(out: Bit[], text: string): void {
  if (text === "") return;
  for (const p of links(text)) {
    out.push(p.href === undefined ? { kind: "text", text: p.text } : { kind: "link", text: p.text, href: p.href });
  }
}
