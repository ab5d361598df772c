// Proofs of possession (DPoP, RFC 9449) for stagedoor.js: tokens that are worth nothing without
// a key that never leaves this device. The types and what everything means stand in
// stagedoor-dpop.d.ts.

const subtle = () => globalThis.crypto.subtle;
const text64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const utf8 = (text) => new TextEncoder().encode(text);
const json64 = (value) => text64(utf8(JSON.stringify(value)));
const digest64 = async (text) => text64(await subtle().digest('SHA-256', utf8(text)));

// What a public key is (RFC 7638, section 3.2), in the order in which a thumbprint wants it.
const MEMBERS = ['crv', 'e', 'kty', 'n', 'x', 'y'];

// done is the answer of a request to IndexedDB.
const done = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

// kept is the pair of keys of that name. Of tabs that make one at once the first wins: it is
// looked for again where nobody else writes.
async function kept(name, make) {
  const opening = indexedDB.open('stagedoor-dpop', 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore('keys');
  const db = await done(opening);
  try {
    const keys = (mode) => db.transaction('keys', mode).objectStore('keys');
    const old = await done(keys('readonly').get(name));
    if (old) return old;
    const made = await make();
    const all = keys('readwrite');
    const other = await done(all.get(name));
    if (!other) await done(all.put(made, name));
    return other ?? made;
  } finally {
    db.close();
  }
}

// claims are what a JWT says of itself; nothing of what is none.
function claims(token) {
  try {
    return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
  } catch {
    return {};
  }
}

export function createDPoP({ name = 'stagedoor', key: custom } = {}) {
  if (!globalThis.crypto?.subtle) throw new TypeError('createDPoP: there is no crypto.subtle here; browsers have it on https and on localhost');

  const bound = new Set(); // access tokens that are no JWTs and bound all the same
  const nonces = new Map(); // the newest of each origin
  let skew = 0; // how far this clock is behind, in milliseconds
  let spare; // the pair where nothing can be kept
  let mine; // the promise of the key in use

  const make = () => subtle().generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign', 'verify']);

  async function open() {
    if (custom) return custom();
    // Without IndexedDB, and in private windows that keep no keys in it, one lives as long as the page.
    const pair = await kept(name, make).catch(() => (spare ??= make()));
    return {
      alg: 'ES256', jwk: await subtle().exportKey('jwk', pair.publicKey),
      sign: (data) => subtle().sign({ name: 'ECDSA', hash: 'SHA-256' }, pair.privateKey, data),
    };
  }

  function current() {
    mine ??= (async () => {
      const { alg, jwk: whole, sign } = await open();
      const jwk = Object.fromEntries(MEMBERS.filter((m) => whole[m]).map((m) => [m, whole[m]]));
      return { sign, head: json64({ typ: 'dpop+jwt', alg, jwk }), thumbprint: await digest64(JSON.stringify(jwk)) };
    })();
    mine.catch(() => {
      mine = undefined;
    });
    return mine;
  }

  // holds reports whether the key of that thumbprint is here. Another tab may have made one anew.
  async function holds(thumbprint) {
    if ((await current()).thumbprint === thumbprint) return true;
    mine = undefined;
    return (await current()).thumbprint === thumbprint;
  }

  async function proof(method, url, token) {
    const { origin, pathname } = new URL(url, globalThis.location?.href);
    const { sign, head } = await current();
    const nonce = nonces.get(origin);
    const body = `${head}.${json64({
      jti: text64(crypto.getRandomValues(new Uint8Array(16))), htm: method.toUpperCase(), htu: origin + pathname,
      iat: Math.floor((Date.now() + skew) / 1000), ...(token && { ath: await digest64(token) }), ...(nonce && { nonce }),
    })}`;
    return `${body}.${text64(await sign(utf8(body).slice().buffer))}`;
  }

  // mended reports whether another proof would do: the server wants a nonce, or has another time.
  async function mended(response, origin, nonce) {
    if (response.status !== 400 && response.status !== 401) return false;
    const said = `${response.headers.get('WWW-Authenticate')} ${await response.clone().text()}`;
    if (said.includes('use_dpop_nonce')) return nonces.get(origin) !== nonce;
    const behind = Date.parse(response.headers.get('Date')) - Date.now();
    if (!said.includes('invalid_dpop_proof') || !(Math.abs(behind - skew) > 5000)) return false;
    skew = behind;
    return true;
  }

  async function sendBy(send, input, init = {}) {
    const whole = input instanceof Request ? input : undefined;
    const headers = new Headers(init.headers ?? whole?.headers);
    const method = init.method ?? whole?.method ?? 'GET';
    const { href, origin } = new URL(whole?.url ?? input, globalThis.location?.href);
    const bearer = headers.get('Authorization')?.match(/^(?:Bearer|DPoP) (.*)/i)?.[1];
    if (bearer && (bound.has(bearer) || claims(bearer).cnf?.jkt)) headers.set('Authorization', `DPoP ${bearer}`);
    for (let tried = 0; ; tried++) {
      const nonce = nonces.get(origin);
      headers.set('DPoP', await proof(method, href, bearer ?? headers.get('X-Session-Token')));
      const response = await send(whole ? whole.clone() : input, { ...init, headers });
      const next = response.headers.get('DPoP-Nonce');
      if (next) nonces.set(origin, next);
      if (tried === 2 || init.body?.getReader || !await mended(response, origin, nonce)) return response;
    }
  }

  // note remembers of the plain contract's answers which tokens are bound.
  async function note(response) {
    const { token_type: type, access_token: token } = await response.clone().json().catch(() => null) ?? {};
    if (token && /^dpop$/i.test(type)) bound.add(token);
    return response;
  }

  // A storage says whose key its tokens are for: with another one they are worth nothing, and
  // somebody signs in anew.
  const shelf = (storage) => ({
    async getItem(at) {
      const { jkt, type, ...tokens } = JSON.parse(await storage.getItem(at)) ?? {};
      if (jkt && !await holds(jkt)) return null;
      if (type === 'DPoP') bound.add(tokens.access);
      return JSON.stringify(tokens);
    },
    async setItem(at, text) {
      const tokens = JSON.parse(text);
      const { thumbprint } = await current();
      return storage.setItem(at, JSON.stringify({ ...tokens, jkt: thumbprint, ...(bound.has(tokens.access) && { type: 'DPoP' }) }));
    },
    removeItem: (at) => storage.removeItem(at),
  });

  const outside = (...a) => globalThis.fetch(...a);

  return {
    proof,
    thumbprint: async () => (await current()).thumbprint,
    fetch: (input, init) => sendBy(outside, input, init),
    bind(options) {
      const client = options.client ?? (globalThis.document ? 'browser' : 'app');
      if (client === 'browser') throw new TypeError("createAuth: dpop is for client 'app' and 'plain'; a browser with cookies binds its sessions by itself");
      const send = options.fetch ?? outside;
      return {
        ...options, client,
        fetch: async (input, init) => {
          const response = await sendBy(send, input, init);
          return client === 'plain' && response.ok ? note(response) : response;
        },
        ...(options.storage && { storage: shelf(options.storage) }),
      };
    },
  };
}
