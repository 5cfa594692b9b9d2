// Every sentence a person reads comes through here, in the language of the settings. It does not
// know who says it. Views redraw when the language changes, because `lang` is a signal.
import { signal } from "@preact/signals-core";
import en from "../../../shared/locale/en.json";
import ko from "../../../shared/locale/ko.json";
import type { ErrorCode } from "../gen/protocol.ts";

export type Lang = "ko" | "en";
export type Key = keyof typeof ko & keyof typeof en;
export type Args = Readonly<Record<string, string | number>>;

export const lang = signal<Lang>("ko");

const books = { ko, en };

// say fills {name} in from args. A hole without a value stays as it is, so that it is noticed.
export function say(key: Key, args?: Args): string {
  const text = books[lang.value][key] ?? key;
  return args ? text.replace(/\{(\w+)\}/g, (hole, name: string) => String(args[name] ?? hole)) : text;
}

export function sayError(code: ErrorCode): string {
  return say(`error.${code}`);
}
