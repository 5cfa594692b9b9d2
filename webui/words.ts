import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Plugin } from "vite";

// words cuts each language's sentences in two: those that the first look needs, and the rest. The first are
// found, not listed: every key that stands in a file which main.tsx reaches without a dynamic import, also by
// a beginning (`error.${code}`). A key that is missed is only late, never lost.
const name = /^virtual:words\/(ko|en)\/(first|rest)$/;
const imported = /(?:^|\n)\s*(?:import|export)\s(?!type\s)[^;]*?from\s+"(\.[^"]+)"|(?:^|\n)\s*import\s+"(\.[^"]+)"/g;
const spoken = /["`]([a-z]\w*(?:\.\w+)*\.?)(\$\{)?/g;

export function words(root: string): Plugin {
  const locale = (lang: string): string => resolve(root, `../shared/locale/${lang}.json`);
  return {
    name: "words",
    resolveId: (id) => (name.test(id) ? `\0${id}` : undefined),
    load(id) {
      const asked = id.startsWith("\0") ? name.exec(id.slice(1)) : null;
      if (!asked) return undefined;
      const [, lang = "", part] = asked;
      this.addWatchFile(locale(lang));
      const book: Record<string, string> = JSON.parse(readFileSync(locale(lang), "utf8"));
      const first = firstKeys(resolve(root, "src/main.tsx"));
      const kept = Object.entries(book).filter(([key]) => first(key) === (part === "first"));
      return `export default ${JSON.stringify(Object.fromEntries(kept))}`;
    },
  };
}

function firstKeys(main: string): (key: string) => boolean {
  const whole = new Set<string>();
  const begun: string[] = [];
  const seen = new Set<string>();
  const walk = (file: string): void => {
    if (seen.has(file) || !/\.tsx?$/.test(file)) return;
    seen.add(file);
    const text = readFileSync(file, "utf8");
    for (const [, word = "", open] of text.matchAll(spoken)) {
      if (open) begun.push(word);
      else whole.add(word);
    }
    for (const [, from, bare] of text.matchAll(imported)) walk(resolve(dirname(file), from ?? bare ?? ""));
  };
  walk(main);
  return (key) => whole.has(key) || begun.some((b) => key.startsWith(b));
}
