// The two halves of a language, cut by words.ts when the page is built.
declare module "virtual:words/*" {
  const book: Readonly<Record<string, string>>;
  export default book;
}

// All emoji in one language, made by emoji.ts: emoji, group, words to find it by.
declare module "virtual:emoji/*" {
  const all: readonly (readonly [emoji: string, group: number, words: string])[];
  export default all;
}
