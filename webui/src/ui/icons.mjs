// Writes icons.ts from the icons of Lucide (ISC) that we use. It runs when this list changes:
//   node src/ui/icons.mjs && npx biome check --write src/ui/icons.ts
import { readFileSync, writeFileSync } from "node:fs";

const used = [
  "arrow-down",
  "arrow-left",
  "arrow-up",
  "at-sign",
  "bell",
  "bell-off",
  "calendar-days",
  "check",
  "chevron-left",
  "check-check",
  "chevron-right",
  "chevron-up",
  "circle-alert",
  "clock",
  "copy",
  "corner-up-left",
  "crown",
  "download",
  "ellipsis",
  "external-link",
  "eye",
  "eye-off",
  "file",
  "file-archive",
  "file-spreadsheet",
  "file-text",
  "film",
  "folder-open",
  "globe",
  "image",
  "keyboard",
  "languages",
  "link-2",
  "list-checks",
  "log-out",
  "mail",
  "message-circle",
  "message-circle-plus",
  "messages-square",
  "monitor",
  "monitor-smartphone",
  "moon",
  "audio-lines",
  "notebook-pen",
  "panel-right",
  "paperclip",
  "pause",
  "pencil",
  "phone",
  "play",
  "pin",
  "pin-off",
  "plus",
  "presentation",
  "rotate-cw",
  "search",
  "send-horizontal",
  "settings",
  "smartphone",
  "star",
  "sun",
  "trash",
  "triangle-alert",
  "undo-2",
  "upload",
  "user-minus",
  "user-plus",
  "users",
  "wifi-off",
  "x",
  "zoom-in",
  "zoom-out",
];
const all = JSON.parse(
  readFileSync(new URL("../../node_modules/lucide-static/icon-nodes.json", import.meta.url), "utf8"),
);
const lines = used.map((name) => {
  if (!all[name]) throw new Error(`Lucide has no icon ${name}`);
  return `  ${JSON.stringify(name)}: ${JSON.stringify(all[name])},`;
});
writeFileSync(
  new URL("icons.ts", import.meta.url),
  `// Written by icons.mjs from Lucide, © Lucide Contributors, ISC licence. Elements as values, so that no HTML is made from strings.
type Shape = readonly ["path" | "circle" | "rect" | "line" | "polyline" | "polygon" | "ellipse", Readonly<Record<string, string>>];

export const icons = {
${lines.join("\n")}
} as const satisfies Readonly<Record<string, readonly Shape[]>>;

export type IconName = keyof typeof icons;
`,
);
