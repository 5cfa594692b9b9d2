// Icon draws one Lucide icon in the colour of the text around it. It is decoration: the words stand beside it
// or in the label of the button that holds it.
import { type IconName, icons } from "./icons.ts";

export type { IconName };

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
      {icons[name].map(([Tag, shape]) => (
        <Tag key={JSON.stringify(shape)} {...shape} />
      ))}
    </svg>
  );
}
