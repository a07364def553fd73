/*
 * Keeps the shop's own files on the device, so that it opens without a network and says what is the matter,
 * and so that a page opened before a deployment still finds its parts after it.
 *
 * Never kept and never answered from here: the API. Prices, stock and orders are as the server says, or not shown.
 * `VERSION` and `FILES` are written above this text by the build (build/offlineWorker.ts).
 */
const CACHE = `lunas-${VERSION}`;
const SHELL = "/";
// Back office, API and payment pages share this origin: only the shop's own addresses get its page.
const PAGES = /^\/($|(cart|checkout|orders|produk)(\/|$))/;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([SHELL, ...FILES])));
});

// The old cache goes once no page of the old version is open any more: until then those pages need it.
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) =>
    Promise.all(names.filter((name) => name.startsWith("lunas-") && name !== CACHE).map((name) => caches.delete(name))),
  ));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && PAGES.test(pathname)) event.respondWith(pageOrShell(request));
  else if (FILES.includes(pathname)) event.respondWith(fileFirst(request));
});

// The network first: who is online gets the newest shop.
async function pageOrShell(request) {
  try {
    return await fetch(request);
  } catch (lost) {
    const shell = await caches.match(SHELL, { cacheName: CACHE });
    if (shell) return shell;
    throw lost;
  }
}

async function fileFirst(request) {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}
