// The unread number in the title of the tab and on its icon.
// The mark of src/ui/mark.svg.
const mark =
  '<path fill="#5aa7f5" d="M30 2l16 26-13 6z"/><path fill="#1b66bd" d="M2 37l26 2 18-11-8 26-14-4z"/>' +
  '<path fill="#2f86e6" d="M8 8l38 20-8 26z"/><path fill="#5aa7f5" d="M46 28l16-3-20 17z"/>';

// showBadge shows the number; a window of one room has its name too.
export function showBadge(unread: number, room?: string): void {
  const title = room ? `${room} - Sendjay` : "Sendjay";
  document.title = unread > 0 ? `(${unread > 999 ? "999+" : unread}) ${title}` : title;
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (icon) icon.href = unread > 0 ? `data:image/svg+xml,${encodeURIComponent(svg(unread))}` : "favicon.svg";
}

function svg(unread: number): string {
  const text = unread > 99 ? "99" : String(unread);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">${mark}` +
    `<circle cx="43" cy="43" r="21" fill="#c2410c"/><text x="43" y="53" text-anchor="middle" ` +
    `font-family="sans-serif" font-weight="700" font-size="${text.length > 1 ? 26 : 30}" fill="#fff">${text}</text></svg>`
  );
}
