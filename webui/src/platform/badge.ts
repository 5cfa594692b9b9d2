// The unread number in the title of the tab and on its icon.
// The mark of src/ui/mark.svg.
const mark =
  '<path fill="#5aa7f5" d="M30 2l16 26-13 6z"/><path fill="#1b66bd" d="M2 37l26 2 18-11-8 26-14-4z"/>' +
  '<path fill="#2f86e6" d="M8 8l38 20-8 26z"/><path fill="#5aa7f5" d="M46 28l16-3-20 17z"/>';

// Each change costs the browser more than the page; where many messages come, the last of a moment is enough.
const rest = 250; // ms
let resting = false;
let wanted = { title: "", number: "" };
let shown = wanted;

// showBadge shows the number; a window of one room has its name too.
export function showBadge(unread: number, room?: string): void {
  const title = room ? `${room} - Sendjay` : "Sendjay";
  wanted = {
    title: unread > 0 ? `(${unread > 999 ? "999+" : unread}) ${title}` : title,
    number: unread > 99 ? "99" : unread > 0 ? String(unread) : "",
  };
  if (!resting) draw();
}

function draw(): void {
  const before = shown;
  shown = wanted;
  if (shown.title === before.title && shown.number === before.number) return;
  document.title = shown.title;
  const icon = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (icon && shown.number !== before.number)
    icon.href = shown.number ? `data:image/svg+xml,${encodeURIComponent(svg(shown.number))}` : "favicon.svg";
  resting = true;
  setTimeout(() => {
    resting = false;
    draw();
  }, rest);
}

function svg(text: string): string {
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">${mark}` +
    `<circle cx="43" cy="43" r="21" fill="#c2410c"/><text x="43" y="53" text-anchor="middle" ` +
    `font-family="sans-serif" font-weight="700" font-size="${text.length > 1 ? 26 : 30}" fill="#fff">${text}</text></svg>`
  );
}
