// What the phone keeps: reports that wait (outbox), what is being typed (drafts). One small database of the browser.

const NAME = 'yizhan-field';
let opened = null;
let gone = false;

function database() {
  opened ??= new Promise((done, failed) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore('outbox', { keyPath: 'key' });
      asked.result.createObjectStore('drafts', { keyPath: 'number' });
    };
    asked.onsuccess = () => {
      // Another page is about to delete it: whoever signs out must not have to wait for this one.
      asked.result.onversionchange = () => {
        gone = true;
        asked.result.close();
      };
      done(asked.result);
    };
    asked.onerror = () => failed(asked.error);
  });
  return opened;
}

async function run(store, mode, act) {
  // Everything was forgotten and the page is being left: there is nothing to wait for any more.
  if (gone) return new Promise(() => {});
  const db = await database();
  return new Promise((done, failed) => {
    const transaction = db.transaction(store, mode);
    const asked = act(transaction.objectStore(store));
    transaction.oncomplete = () => done(asked?.result);
    transaction.onerror = () => failed(transaction.error);
    transaction.onabort = () => failed(transaction.error);
  });
}

export const put = (store, value) => run(store, 'readwrite', (rows) => rows.put(value));
export const get = (store, key) => run(store, 'readonly', (rows) => rows.get(key));
export const all = (store) => run(store, 'readonly', (rows) => rows.getAll());
export const remove = (store, key) => run(store, 'readwrite', (rows) => rows.delete(key));

export async function forgetAll() {
  gone = true;
  if (opened) (await opened).close();
  await new Promise((done) => {
    const asked = indexedDB.deleteDatabase(NAME);
    asked.onsuccess = asked.onerror = asked.onblocked = () => done();
  });
}
