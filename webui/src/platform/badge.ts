// The unread number in the title of the tab and on its icon.
const shape = "M6 4h20a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H14l-7 6v-6H6a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4z";

export function showBadge(unread: number): void {
  document.title = unread > 0 ? `(${unread > 999 ? "999+" : unread}) Sendjay` : "Sendjay";
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (icon) icon.href = unread > 0 ? `data:image/svg+xml,${encodeURIComponent(svg(unread))}` : "favicon.svg";
}

function svg(unread: number): string {
  const text = unread > 99 ? "99" : String(unread);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#4f7cff" d="${shape}"/>` +
    `<circle cx="22" cy="22" r="10" fill="#e5484d"/><text x="22" y="27" text-anchor="middle" ` +
    `font-family="sans-serif" font-weight="700" font-size="${text.length > 1 ? 12 : 15}" fill="#fff">${text}</text></svg>`
  );
}
