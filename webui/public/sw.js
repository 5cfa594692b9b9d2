// The service worker keeps the page itself, so that it opens without a line. It keeps nothing but the page and its
// files: of the server's interface only what a browser goes to by itself passes through it, untouched.
//
// The page is always asked of the server first, so a new build is there at the next load; its files have names that
// change with their content, so one that is kept is never old. Without an answer the last page whose files are all
// here is shown.
const cacheName = "sendjay-shell-1";
const page = "/";
const list = "/shell.json"; // written by the build: every file a page may ask for
const patience = 4000; // ms; a server that hangs counts as none

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("activate", (e) => {
  e.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name);
      await self.registration.navigationPreload?.enable();
      await self.clients.claim();
      await keep();
    })().catch(() => {}),
  );
});

self.addEventListener("fetch", (e) => {
  const url = new URL(e.request.url);
  if (e.request.method !== "GET" || url.origin !== location.origin) return;
  if (e.request.mode === "navigate" && (url.pathname === page || url.pathname === "/index.html")) {
    e.respondWith(open(e));
  } else if (e.request.mode === "navigate") {
    // The browser has asked already while it woke us; asking again would do twice what can be done once, such as
    // coming back from a sign-in elsewhere.
    e.respondWith((async () => (await e.preloadResponse) ?? fetch(e.request))());
  } else if (url.pathname.startsWith("/assets/")) {
    e.respondWith(asset(e.request));
  }
});

async function open(e) {
  const cache = await caches.open(cacheName);
  const fresh = (async () => (await e.preloadResponse) ?? fetch(e.request))();
  const late = new Promise((done) => setTimeout(done, patience));
  const answer = await Promise.race([fresh, late]).catch(() => undefined);
  if (answer?.ok) {
    e.waitUntil(keep(answer.clone()).catch(() => {}));
    return answer;
  }
  return (await cache.match(page)) ?? answer ?? fresh;
}

async function asset(request) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

// keep takes a page over when all its files are here. Files of the page before stay, for tabs that are open.
async function keep(answer) {
  const cache = await caches.open(cacheName);
  const shell = answer ?? (await fetch(page));
  const files = await fetch(list, { cache: "no-cache" });
  if (!shell.ok || !files.ok) return;
  const before = await cache.match(list);
  const old = before ? await before.json() : [];
  const now = await files.clone().json();
  const same = JSON.stringify(old) === JSON.stringify(now);
  // The list is kept last, so whoever has it has its files: most loads look at none of them.
  if (!same) for (const file of now) if (!(await cache.match(file))) await cache.add(file);
  await cache.put(page, shell);
  if (same) return;
  await cache.put(list, files);
  // What is in neither goes, but for pictures of letters, which are fetched as they are needed.
  const wanted = new Set([...old, ...now, page, list]);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (!wanted.has(pathname) && !pathname.endsWith(".woff2")) await cache.delete(request);
  }
}
