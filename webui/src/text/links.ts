// Addresses in a text, as values: the view makes elements of them. It cuts off what belongs to the
// sentence: the particle of "https://…/12를", closing brackets and full stops.
export interface Part {
  readonly text: string;
  readonly href?: string;
}

// Signs that turn the direction of writing end an address: they would let it read as another one.
const address = /https?:\/\/[\p{L}\p{N}[][^\s<>"'`“”‘’「」『』《》〈〉\u200e\u200f\u202a-\u202e\u2066-\u2069]*/giu;

// Particles and endings that follow a noun without a space. Whole words such as a place name at the
// end of an address are no particles and stay.
const particle =
  /^(.*[!-~])(?:으로부터|로부터|에서부터|에서는|에서도|에게서|입니다|이에요|예요|이라는|라는|이라고|라고|이랑|으로|에서|에게|까지|부터|처럼|보다|하고|이나|은요|는요|을|를|은|는|이|가|에|의|로|와|과|도|만|랑|나)$/u;

export function links(text: string): readonly Part[] {
  const out: Part[] = [];
  let at = 0;
  for (const hit of text.matchAll(address)) {
    const raw = trim(hit[0]);
    if (hit.index > at) out.push({ text: text.slice(at, hit.index) });
    out.push({ text: raw, href: raw });
    at = hit.index + raw.length;
  }
  if (at < text.length || out.length === 0) out.push({ text: text.slice(at) });
  return out;
}

function trim(raw: string): string {
  let s = raw;
  for (;;) {
    const last = s.at(-1) ?? "";
    if (/[.,;:!?…。、·]/u.test(last)) s = s.slice(0, -1);
    else if (last === ")" && count(s, ")") > count(s, "(")) s = s.slice(0, -1);
    else if (last === "]" && count(s, "]") > count(s, "[")) s = s.slice(0, -1);
    else if (last === "}" && count(s, "}") > count(s, "{")) s = s.slice(0, -1);
    else if (last === "*" || last === "_") s = s.slice(0, -1);
    else {
      const bare = particle.exec(s)?.[1];
      // The particle may hide a bracket before it: "(https://…)를".
      if (!bare || !/^https?:\/\/[^/]/i.test(bare)) return s;
      s = bare;
    }
  }
}

function count(s: string, sign: string): number {
  return s.split(sign).length - 1;
}
