// The service worker, and what it is to keep: the visits of whoever is signed in, and nothing else.
import { login, state } from './outbox.js';

export async function keepPages() {
  if (!('serviceWorker' in navigator)) return;
  const registered = await navigator.serviceWorker.register('/field/sw.js', { scope: '/field' }).catch(() => null);
  if (!registered) return;
  const worker = (await navigator.serviceWorker.ready).active;
  const me = await state().catch(() => null); // no connection: what is kept stays as it is
  if (me?.status !== 200 || me.body.login !== login) return;
  const told = new MessageChannel();
  told.port1.onmessage = (event) => {
    document.documentElement.dataset.kept = String(event.data);
    document.querySelector('[data-kept-note]')?.removeAttribute('hidden');
  };
  worker.postMessage({ do: 'keep', login, pages: me.body.pages, files: files() }, [told.port2]);
}

// What this page is made of: what it has loaded, and what its drawings are taken from.
function files() {
  const loaded = performance.getEntriesByType('resource').map((entry) => entry.name);
  const drawn = [...document.querySelectorAll('use')].map((use) => new URL(use.getAttribute('href').split('#')[0], location.href).href);
  return [...new Set([...loaded, ...drawn])];
}

export async function forgetPages() {
  if (!('serviceWorker' in navigator)) return;
  for (const name of await caches.keys()) await caches.delete(name);
  for (const each of await navigator.serviceWorker.getRegistrations()) await each.unregister();
}
