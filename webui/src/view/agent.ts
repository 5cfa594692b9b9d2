// agent makes of a browser's long description what a person calls it: "Chrome · Windows".
const browsers: readonly (readonly [RegExp, string])[] = [
  [/sendjay/i, "Sendjay"],
  [/Edg\//, "Edge"],
  [/Whale\//, "Whale"],
  [/OPR\//, "Opera"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const systems: readonly (readonly [RegExp, string])[] = [
  [/Windows/, "Windows"],
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Mac OS X|Macintosh/, "macOS"],
  [/Linux/, "Linux"],
];

export function agent(text: string): string {
  const find = (list: readonly (readonly [RegExp, string])[]) => list.find(([like]) => like.test(text))?.[1];
  return [find(browsers), find(systems)].filter(Boolean).join(" · ");
}
