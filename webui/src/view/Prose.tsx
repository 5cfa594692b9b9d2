// Prose is what somebody wrote, as elements: addresses become links, everything else stays text.
import { links } from "../text/links.ts";

export function Prose({ text }: { readonly text: string }) {
  return (
    <>
      {links(text).map((part, i) =>
        part.href === undefined ? (
          part.text
        ) : (
          <a key={i} href={part.href} target="_blank" rel="noopener noreferrer nofollow" tabIndex={-1}>
            {part.text}
          </a>
        ),
      )}
    </>
  );
}
