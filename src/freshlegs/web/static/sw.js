/* The service worker: the frame's files and the check-in page are there without a connection. */
const KEPT = "freshlegs-__MARK__";
const OFFLINE = "/checkin";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.add(OFFLINE)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(kept(request));
  else if (request.mode === "navigate") event.respondWith(fresh(request, url));
});

async function kept(request) {
  const cache = await caches.open(KEPT);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function fresh(request, url) {
  try {
    const answer = await fetch(request);
    if (answer.ok && url.pathname === OFFLINE && !url.search) (await caches.open(KEPT)).put(OFFLINE, answer.clone());
    return answer;
  } catch (error) {
    const found = await (await caches.open(KEPT)).match(OFFLINE);
    if (found) return found;
    throw error;
  }
}
