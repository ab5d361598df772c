// What only a browser shows of the key of proofs: where it lives, who shares it, and what comes
// of it when it is gone. It needs no server.
import { createDPoP } from '/stagedoor-dpop.js';

const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const lose = () => done(indexedDB.deleteDatabase('stagedoor-dpop'));

async function stored(name) {
  const db = await done(indexedDB.open('stagedoor-dpop', 1));
  const pair = await done(db.transaction('keys').objectStore('keys').get(name));
  db.close();
  return pair;
}

// The page of another tab, as far as IndexedDB is concerned.
async function tab() {
  const frame = Object.assign(document.createElement('iframe'), { src: '/frame.html' });
  document.body.append(frame);
  await new Promise((loaded) => { frame.onload = loaded; });
  const { createDPoP: make } = await frame.contentWindow.eval("import('/stagedoor-dpop.js')");
  return { make, close: () => frame.remove() };
}

export const key = async (k) => {
  await lose();
  const tabs = await Promise.all(Array.from({ length: 3 }, tab));
  const all = await Promise.all([createDPoP, ...tabs.map((t) => t.make)].flatMap((make) => Array.from({ length: 5 }, () => make().thumbprint())));
  k.equal(new Set(all).size, 1, 'twenty that begin at once, in four tabs, have one key');
  k.equal(await createDPoP().thumbprint(), all[0], 'and so has whoever comes later');
  k.equal(await createDPoP({ name: 'other' }).thumbprint() === all[0], false, 'another name is another key');
  for (const t of tabs) t.close();

  const { privateKey } = await stored('stagedoor');
  for (const format of ['pkcs8', 'jwk']) {
    const shown = await crypto.subtle.exportKey(format, privateKey).catch((e) => e.name);
    k.equal(shown, 'InvalidAccessError', `no script reads it as ${format}`);
  }
};

export const gone = async (k) => {
  await lose();
  const kept = new Map();
  const storage = { getItem: (n) => kept.get(n) ?? null, setItem: (n, v) => kept.set(n, v), removeItem: (n) => kept.delete(n) };
  const bind = (dpop) => dpop.bind({ client: 'app', storage }).storage;
  const [old, oldTab] = [createDPoP(), createDPoP()];
  await bind(old).setItem('t', '{"session":"s1"}');
  k.equal(JSON.parse(await bind(oldTab).getItem('t')).session, 's1', 'another tab has the same key, and the tokens');

  await lose();
  k.equal(JSON.parse(await bind(oldTab).getItem('t')).session, 's1', 'a page that is open goes on with the key that it has');
  const next = createDPoP();
  k.equal(await bind(next).getItem('t'), null, 'a new one has no tokens: somebody signs in anew');
  await bind(next).setItem('t', '{"session":"s2"}');
  k.equal(JSON.parse(await bind(oldTab).getItem('t')).session, 's2', 'and the open one takes the new key over');
  k.equal(await oldTab.thumbprint(), await next.thumbprint(), 'it is the same');
};

// Private windows of some browsers have no IndexedDB, or keep no keys in it.
export const alone = async (k) => {
  const real = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
  for (const broken of [undefined, { open() { throw new DOMException('no', 'InvalidStateError'); } }]) {
    Object.defineProperty(globalThis, 'indexedDB', { value: broken, configurable: true });
    const dpop = createDPoP();
    const first = await dpop.thumbprint();
    k.equal(await dpop.thumbprint(), first, 'the key lives as long as the page');
    k.equal(await createDPoP().thumbprint() === first, false, 'and is of this page alone');
  }
  Object.defineProperty(globalThis, 'indexedDB', real);
};
