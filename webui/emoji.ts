import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

// emoji makes a list of all emoji with their names in one language: [emoji, group, words to find it by].
// The whole data file says ten times as much.
const name = /^virtual:emoji\/(ko|en)$/;
const require = createRequire(import.meta.url);

interface Emoji {
  readonly emoji: string;
  readonly group: number;
  readonly annotation: string;
  readonly tags?: readonly string[];
}

export function emoji(): Plugin {
  return {
    name: "emoji",
    resolveId: (id) => (name.test(id) ? `\0${id}` : undefined),
    load(id) {
      const lang = id.startsWith("\0") ? name.exec(id.slice(1))?.[1] : undefined;
      if (!lang) return undefined;
      const all: readonly Emoji[] = JSON.parse(
        readFileSync(require.resolve(`emoji-picker-element-data/${lang}/cldr/data.json`), "utf8"),
      );
      const rows = all.map((e) => [e.emoji, e.group, [e.annotation, ...(e.tags ?? [])].join(" ")]);
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(rows))})`;
    },
  };
}
