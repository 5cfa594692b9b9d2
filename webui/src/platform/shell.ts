// The service worker that keeps the page for times without a line (public/sw.js). Browsers allow it on https and on
// this machine only; behind a tray the tray keeps the page.
export function keepShell(): void {
  if (!isSecureContext || !("serviceWorker" in navigator) || window.top !== window) return;
  navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }).catch(() => {
    // Not allowed here: then the page needs its server.
  });
}
