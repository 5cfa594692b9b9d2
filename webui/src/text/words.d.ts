// The two halves of a language, cut by words.ts when the page is built.
declare module "virtual:words/*" {
  const book: Readonly<Record<string, string>>;
  export default book;
}
