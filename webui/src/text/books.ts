// books fetches the sentences of a language: first what the first look needs, the rest after it.
// It does not know who says them.
import type { Lang } from "./say.ts";

type Book = Readonly<Record<string, string>>;
type Half = () => Promise<{ readonly default: Book }>;

export const books: Readonly<Record<Lang, { readonly first: Half; readonly rest: Half }>> = {
  ko: { first: () => import("virtual:words/ko/first"), rest: () => import("virtual:words/ko/rest") },
  en: { first: () => import("virtual:words/en/first"), rest: () => import("virtual:words/en/rest") },
};
