// Icon draws one Lucide icon in the colour of the text around it. It is decoration: the words stand beside it
// or in the label of the button that holds it.
import { signal } from "@preact/signals";
import { icons } from "./icons.ts";
import type { iconsLater } from "./iconslater.ts";

export type Shape = readonly [
  "path" | "circle" | "rect" | "line" | "polyline" | "polygon" | "ellipse",
  Readonly<Record<string, string>>,
];
export type IconName = keyof typeof icons | keyof typeof iconsLater;

// Those that the first look does not show come with the later parts, which say so here.
const known = signal<{ readonly [name: string]: readonly Shape[] }>(icons);

export function learnIcons(more: { readonly [name: string]: readonly Shape[] }): void {
  known.value = { ...known.value, ...more };
}

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      class="icon"
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
    >
      {known.value[name]?.map(([Tag, shape]) => (
        <Tag key={JSON.stringify(shape)} {...shape} />
      ))}
    </svg>
  );
}
