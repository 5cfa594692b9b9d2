// Every sentence a person reads comes through here, in the language of the settings. It does not
// know who says it. Views redraw when the language changes or its sentences arrive: both are signals.
import { effect, signal } from "@preact/signals-core";
import type en from "../../../shared/locale/en.json";
import type ko from "../../../shared/locale/ko.json";
import type { ErrorCode } from "../gen/protocol.ts";
import { books } from "./books.ts";

export type Lang = "ko" | "en";
export type Key = keyof typeof ko & keyof typeof en;
export type Args = Readonly<Record<string, string | number>>;
type Book = Readonly<Record<string, string>>;

export const lang = signal<Lang>("ko");

const known = signal<Readonly<Record<Lang, Book>>>({ ko: {}, en: {} });
const begun = signal<"first" | "rest">("first");

// say fills {name} in from args, and takes the first word of {name|day|days} where name is 1. A hole without a value
// stays as it is, so that it is noticed.
// While a language is still on its way the other one speaks.
export function say(key: Key, args?: Args): string {
  const other = lang.value === "ko" ? "en" : "ko";
  const text = known.value[lang.value][key] ?? known.value[other][key] ?? key;
  return args
    ? text.replace(holes, (hole, name: string, one?: string, more?: string) => fill(args[name], hole, one, more))
    : text;
}

const holes = /\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g;

function fill(value: string | number | undefined, hole: string, one?: string, more?: string): string {
  if (value === undefined) return hole;
  if (one !== undefined) return String(value) === "1" ? one : (more ?? hole);
  return typeof value === "number" ? value.toLocaleString("en") : value; // Koreans group digits in the same way
}

export function sayError(code: ErrorCode): string {
  return say(`error.${code}`);
}

// learn adds sentences of a language.
export function learn(l: Lang, book: Book): void {
  known.value = { ...known.peek(), [l]: { ...known.peek()[l], ...book } };
}

const fetched = new Set<string>();

async function fetchHalf(l: Lang, half: "first" | "rest"): Promise<void> {
  if (fetched.has(l + half)) return;
  fetched.add(l + half);
  try {
    learn(l, (await books[l][half]()).default);
  } catch {
    fetched.delete(l + half); // asked again with the next change of language
  }
}

// speak fetches what the first look needs of a language, and from then on follows `lang`.
export async function speak(l: Lang): Promise<void> {
  await fetchHalf(l, "first");
  effect(() => {
    const now = lang.value;
    void fetchHalf(now, "first");
    if (begun.value === "rest") void fetchHalf(now, "rest");
  });
}

// sayAll fetches the other sentences too, now and for every language to come.
export function sayAll(): Promise<void> {
  begun.value = "rest";
  return fetchHalf(lang.peek(), "rest");
}
