// Avatar is a picture, or what stands in for one: initials on a colour that belongs to the person for good.
import { signal } from "@preact/signals";
import css from "./avatar.module.css";

// pictureOf says where somebody's picture is; unset until that part of the program is loaded.
export const pictureOf = signal<((id: string) => string | undefined) | null>(null);

// initials takes the given name of a Korean name and the first letters of any other.
export function initials(name: string): string {
  const clean = name.trim();
  if (/^[가-힣]{2,5}$/.test(clean)) return clean.length === 2 ? clean : clean.slice(-2);
  const words = clean.split(/[\s._-]+/).filter(Boolean);
  const first = [...(words[0] ?? "?")];
  const second = words.length > 1 ? [...(words[words.length - 1] ?? "")] : [];
  if (/[가-힣]/.test(first[0] ?? "")) return first.slice(0, 2).join("");
  return `${first[0] ?? "?"}${second[0] ?? ""}`.toUpperCase();
}

// hue is stable over devices and years: it depends on the id alone.
export function hue(id: string): number {
  let h = 2166136261;
  for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), 16777619);
  return ((h >>> 0) % 12) * 30 + 15;
}

export interface Face {
  readonly id: string;
  readonly name: string;
}

function One({ who, short }: { readonly who: Face; readonly short?: boolean }) {
  const text = initials(who.name);
  const src = who.id && pictureOf.value?.(who.id);
  if (src) return <img class={css.one} src={src} alt="" decoding="async" />;
  return (
    <span class={css.one} style={{ "--hue": hue(who.id) }}>
      {short ? [...text][0] : text}
    </span>
  );
}

export function Avatar({ faces, size = 40 }: { readonly faces: readonly Face[]; readonly size?: number }) {
  const four = faces.slice(0, 4);
  const only = four[0];
  return (
    <span
      class={four.length > 1 ? `${css.avatar} ${css[`of${four.length}`]}` : css.avatar}
      style={{ "--size": `${size}px` }}
      aria-hidden="true"
    >
      {four.length > 1 ? (
        four.map((f) => <One key={f.id} who={f} short />)
      ) : (
        <One who={only ?? { id: "", name: "?" }} />
      )}
    </span>
  );
}
