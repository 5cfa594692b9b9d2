// Who a text speaks to by "@name". It knows names and places in a text, not who is in a room.
import type { UserID } from "../gen/protocol.ts";

export const everybody = "*" as UserID;
// How a text in either language says everybody.
export const everybodyNames = ["모두", "everyone"] as const;

export interface Named {
  readonly id: UserID;
  readonly name: string;
}

export interface Place {
  readonly from: number;
  readonly to: number;
  readonly id: UserID;
}

// mentionsIn finds the people named in a text, the longest name first, so that "@김민수진" is not "@김민수". Of two
// people with one name the picked one is meant.
export function mentionsIn(
  text: string,
  people: readonly Named[],
  picked?: ReadonlyMap<string, UserID>,
): readonly Place[] {
  if (!text.includes("@")) return [];
  const names = new Map<string, UserID>(everybodyNames.map((name) => [name, everybody]));
  for (const p of people) if (!names.has(p.name)) names.set(p.name, p.id);
  for (const [name, id] of picked ?? []) if (names.has(name)) names.set(name, id);
  const long = [...names.keys()].filter((n) => n !== "").sort((a, b) => b.length - a.length);
  const out: Place[] = [];
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (at > 0 && /[\p{L}\p{N}@]/u.test(text[at - 1] as string)) continue; // an address
    const name = long.find((n) => text.startsWith(n, at + 1));
    // A Latin name ends where its word ends; behind a Korean one a particle may follow.
    if (!name || (/[a-z]$/i.test(name) && /^[a-z]/i.test(text.slice(at + 1 + name.length)))) continue;
    out.push({ from: at, to: at + 1 + name.length, id: names.get(name) as UserID });
  }
  return out;
}

// asked is the "@…" that is being typed before the caret: the text after the sign, and where the sign stands.
export function asked(text: string, caret: number): { readonly q: string; readonly at: number } | null {
  const at = text.lastIndexOf("@", caret - 1);
  if (at < 0 || caret - at > 30) return null;
  if (at > 0 && /[\p{L}\p{N}@]/u.test(text[at - 1] as string)) return null;
  const q = text.slice(at + 1, caret);
  return /[\n@]/.test(q) || q.startsWith(" ") || q.split(" ").length > 3 ? null : { q, at };
}
