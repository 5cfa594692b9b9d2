// The language to begin in, before the settings are there: the one of the last page here, else the browser's.
import type { Lang } from "../text/say.ts";

const mark = "lang";

export function preferredLanguage(): Lang {
  const first = navigator.languages.find((l) => /^(ko|en)/i.test(l));
  return first?.toLowerCase().startsWith("en") ? "en" : "ko";
}

export function lastLanguage(): Lang {
  try {
    const last = localStorage.getItem(mark);
    if (last === "ko" || last === "en") return last;
  } catch {
    // storage is forbidden here: then every page begins anew
  }
  return preferredLanguage();
}

export function rememberLanguage(l: Lang): void {
  try {
    localStorage.setItem(mark, l);
  } catch {
    // as above
  }
}
