// The service worker of the phone's pages: the newest page there is, else the kept one. It imports nothing and knows nobody.

const PAGES = 'field-pages-1';
const FILES = 'field-files-1';
const OFFLINE = '/field/offline';
const LONGEST_MS = 20 * 3_600_000; // a day's work: what is older is about customers of yesterday
const PATIENCE_MS = 4000;

self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('activate', (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) if (name !== PAGES && name !== FILES) await caches.delete(name);
    await dropOld();
    await self.clients.claim();
  };
  event.waitUntil(clean());
});

self.addEventListener('message', (event) => {
  if (event.data?.do !== 'keep') return;
  event.waitUntil(keep(event.data).then((count) => event.ports[0]?.postMessage(count)));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== 'GET' || address.origin !== self.location.origin) return;
  if (address.pathname.startsWith('/assets/')) event.respondWith(file(request));
  else if (request.mode === 'navigate' && isOurs(address.pathname)) event.respondWith(page(request, address.pathname));
});

const isOurs = (path) => path === '/field' || path.startsWith('/field/');

// Files have the hash of their content in their address: what is kept is right.
async function file(request) {
  const cache = await caches.open(FILES);
  const kept = await cache.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

async function page(request, path) {
  const cache = await caches.open(PAGES);
  const kept = await fresh(cache, path);
  try {
    const answer = await (kept ? Promise.race([fetch(request), patience()]) : fetch(request));
    if (answer.status < 502) {
      if (answer.ok && answer.type === 'basic' && !answer.redirected) await cache.put(path, answer.clone());
      return answer;
    }
  } catch {
    // No connection, or none worth the name.
  }
  return kept ?? (await cache.match(OFFLINE, { ignoreVary: true })) ?? Response.error();
}

const patience = () => new Promise((_, late) => setTimeout(() => late(new Error('too slow')), PATIENCE_MS));

const isOld = (answer) => Date.now() - Date.parse(answer.headers.get('Date') ?? '') > LONGEST_MS;

async function fresh(cache, path) {
  const kept = await cache.match(path, { ignoreVary: true });
  if (!kept || !isOld(kept)) return kept;
  await cache.delete(path, { ignoreVary: true });
  return undefined;
}

async function dropOld() {
  const cache = await caches.open(PAGES);
  for (const request of await cache.keys()) await fresh(cache, new URL(request.url).pathname);
}

// Exactly these pages, fetched now; what is about other visits goes.
async function keep({ pages, files }) {
  const cache = await caches.open(PAGES);
  const wanted = new Set([...pages, OFFLINE]);
  for (const request of await cache.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request, { ignoreVary: true });
  }
  let count = 0;
  for (const path of wanted) {
    const answer = await fetch(path, { redirect: 'manual', headers: { Accept: 'text/html' } }).catch(() => null);
    if (!answer?.ok) continue;
    await cache.put(path, answer);
    count += 1;
  }
  const kept = await caches.open(FILES);
  const ours = new Set(files.filter((name) => new URL(name).pathname.startsWith('/assets/')));
  for (const request of await kept.keys()) if (ours.size && !ours.has(request.url)) await kept.delete(request);
  for (const name of ours) if (!(await kept.match(name))) await kept.add(name).catch(() => undefined);
  return count;
}
