/* The service worker: without a connection there is an empty check-in, and for any other page a word about it. */
const KEPT = "freshlegs-__MARK__";
const FILES = __FILES__;
const MORNING = "/checkin/kept";
const AFTER_RUN = "/checkin/kept?after=run";
const AWAY = "/away";

self.addEventListener("install", (event) => {
  event.waitUntil(install().then(() => self.skipWaiting()));
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
  else if (request.mode === "navigate") event.respondWith(fresh(event, url));
});

async function install() {
  await (await caches.open(KEPT)).addAll(FILES);
  await keepPages();
}

/* The page and what it needs are kept together or not at all. A login that has ended leads elsewhere: then no page is kept. */
async function keepPages() {
  const cache = await caches.open(KEPT);
  const answers = await Promise.all([MORNING, AFTER_RUN, AWAY].map((page) => fetch(page)));
  if (answers.some((answer) => !answer.ok || answer.redirected)) throw new Error("the pages cannot be kept now");
  await Promise.all([MORNING, AFTER_RUN, AWAY].map((page, place) => cache.put(page, answers[place])));
}

async function kept(request) {
  const cache = await caches.open(KEPT);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function fresh(event, url) {
  try {
    const answer = await fetch(event.request);
    // What is asked depends on the profile and on what was asked lately.
    if (answer.ok && url.pathname === "/checkin") event.waitUntil(keepPages().catch(() => {}));
    return answer;
  } catch (error) {
    const found = await (await caches.open(KEPT)).match(standIn(url));
    if (found) return found;
    throw error;
  }
}

function standIn(url) {
  if (url.pathname !== "/checkin") return AWAY;
  return url.searchParams.get("after") === "run" ? AFTER_RUN : MORNING;
}
