// Finding a Korean name while it is typed: by initial consonants (ㄱㅁㅅ), by a syllable that is not finished (기 for
// 김), and by one whose last consonant will begin the next (김민 while it reads 김미ㄴ). It knows letters, not people.
const initials = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ";
const finals = ["", ..."ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"];
const split: Readonly<Record<string, string>> = {
  ㄳ: "ㄱㅅ",
  ㄵ: "ㄴㅈ",
  ㄶ: "ㄴㅎ",
  ㄺ: "ㄹㄱ",
  ㄻ: "ㄹㅁ",
  ㄼ: "ㄹㅂ",
  ㄽ: "ㄹㅅ",
  ㄾ: "ㄹㅌ",
  ㄿ: "ㄹㅍ",
  ㅀ: "ㄹㅎ",
  ㅄ: "ㅂㅅ",
};

interface Syllable {
  readonly initial: string;
  readonly open: number; // the syllable without its final
  readonly final: string;
}

function syllable(c: string): Syllable | null {
  const n = c.charCodeAt(0) - 0xac00;
  if (n < 0 || n > 11171) return null;
  return {
    initial: initials[Math.floor(n / 588)] as string,
    open: Math.floor(n / 28),
    final: finals[n % 28] as string,
  };
}

const flat = (s: string): string => s.normalize("NFC").toLocaleLowerCase().replace(/\s+/g, "");

// finds reports whether the typed q finds the name, anywhere in it.
export function finds(name: string, q: string): boolean {
  const n = flat(name);
  const want = flat(q);
  for (let at = 0; at + 1 <= Math.max(n.length, 1); at++) if (matches(n, at, want, 0)) return true;
  return want === "";
}

// starts reports whether it finds it at the beginning: such a hit comes first.
export const starts = (name: string, q: string): boolean => matches(flat(name), 0, flat(q), 0);

function matches(name: string, at: number, q: string, from: number): boolean {
  if (from >= q.length) return true;
  const c = q[from] as string;
  const there = name[at];
  if (there === undefined) return false;
  if (c === there && matches(name, at + 1, q, from + 1)) return true;
  const have = syllable(there);
  if (!have) return false;
  if (have.initial === c) return matches(name, at + 1, q, from + 1);
  // Two consonants that the input method has put into one sign.
  const two = split[c];
  if (two) return matches(name, at, q.slice(0, from) + two + q.slice(from + 1), from);
  const typed = syllable(c);
  if (!typed || typed.open !== have.open || from !== q.length - 1) return false;
  if (typed.final === "") return true;
  // The last one typed: its final may be the next one's initial, or half of what will be the final.
  const [first, second] = split[typed.final] ?? "";
  const next = syllable(name[at + 1] ?? "");
  if (have.final === "" && next?.initial === typed.final) return true;
  if (first && have.final === first) return next?.initial === second || split[have.final]?.[0] === first;
  return split[have.final]?.[0] === typed.final;
}
