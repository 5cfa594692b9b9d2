// Writes icons.ts and iconslater.ts from the icons of Lucide (ISC) that we use. It runs when this list changes:
//   node src/ui/icons.mjs && npx biome check --write src/ui/icons.ts src/ui/iconslater.ts
import { readFileSync, writeFileSync } from "node:fs";

// What the first look may show. Anything else comes with the later parts; until then its place is empty.
const first = [
  "arrow-down",
  "arrow-left",
  "at-sign",
  "bell-off",
  "check",
  "circle-alert",
  "clock",
  "ellipsis",
  "file",
  "forward",
  "image",
  "link-2",
  "message-circle-plus",
  "messages-square",
  "panel-right",
  "paperclip",
  "pin",
  "rotate-cw",
  "search",
  "send-horizontal",
  "settings",
  "shield",
  "undo-2",
  "users",
  "wifi-off",
  "x",
];
const later = [
  "arrow-up",
  "audio-lines",
  "bell",
  "calendar-days",
  "check-check",
  "chevron-down",
  "chevron-left",
  "chevron-right",
  "chevron-up",
  "copy",
  "corner-up-left",
  "crown",
  "download",
  "external-link",
  "eye",
  "eye-off",
  "face-slightly-smiling-plus",
  "file-archive",
  "file-spreadsheet",
  "file-text",
  "film",
  "folder-open",
  "globe",
  "grip-vertical",
  "keyboard",
  "languages",
  "link",
  "list-checks",
  "log-out",
  "mail",
  "megaphone",
  "message-circle",
  "monitor",
  "monitor-smartphone",
  "moon",
  "notebook-pen",
  "pause",
  "pencil",
  "phone",
  "pin-off",
  "play",
  "plus",
  "presentation",
  "siren",
  "smartphone",
  "square-pen",
  "star",
  "sun",
  "trash",
  "triangle-alert",
  "upload",
  "user-minus",
  "user-plus",
  "zoom-in",
  "zoom-out",
];
const all = JSON.parse(
  readFileSync(new URL("../../node_modules/lucide-static/icon-nodes.json", import.meta.url), "utf8"),
);
const write = (file, names, constant) => {
  const lines = names.map((name) => {
    if (!all[name]) throw new Error(`Lucide has no icon ${name}`);
    return `  ${JSON.stringify(name)}: ${JSON.stringify(all[name])},`;
  });
  writeFileSync(
    new URL(file, import.meta.url),
    `// Written by icons.mjs from Lucide, © Lucide Contributors, ISC licence. Elements as values, so that no HTML is made from strings.
import type { Shape } from "./Icon.tsx";

export const ${constant} = {
${lines.join("\n")}
} as const satisfies Readonly<Record<string, readonly Shape[]>>;
`,
  );
};
write("icons.ts", first, "icons");
write("iconslater.ts", later, "iconsLater");
