// What the library does when things happen at once, or its surroundings fail, without a server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createAuth } from '../stagedoor.js';

const user = { id: 7, display: 'ann', has_usable_password: true };
const out = { status: 401, data: { flows: [{ id: 'login' }] }, meta: { is_authenticated: false } };
const inside = (meta = {}) => ({ status: 200, data: { user, methods: [] }, meta: { is_authenticated: true, ...meta } });
const pair = (more) => ({ status: 200, user, access_token: 'a1', refresh_token: 'r1', expires_in: 300, ...more });
const tick = (ms) => new Promise((done) => setTimeout(done, ms));
const within = (promise, what) => Promise.race([promise, tick(2000).then(() => assert.fail(`${what} never settles`))]);
const gate = () => {
  const g = {};
  g.opened = new Promise((open) => { g.open = open; });
  return g;
};

// client makes one whose server answers by 'METHOD path'.
function make(answers, { client = 'app', ...more } = {}) {
  const seen = [];
  const fetch = async (url, init = {}) => {
    const path = new URL(url.url ?? url).pathname.replace(/^\/(_allauth\/app\/v1|auth)\//, '');
    const what = `${init.method ?? url.method} ${path}`;
    seen.push({ what, headers: init.headers ?? Object.fromEntries(url.headers), body: init.body && JSON.parse(init.body), url: String(url.url ?? url) });
    let answer = answers[what] ?? (path === 'config' ? { status: 200, data: {} } : out);
    if (typeof answer === 'function') answer = await answer(seen.at(-1));
    if (answer instanceof Error) throw answer;
    return new Response(JSON.stringify(answer), { status: answer.status });
  };
  return { seen, auth: createAuth({ url: 'https://auth.example.com', client, fetch, retries: 0, ...more }) };
}

function shelf(first = {}) {
  const kept = new Map(Object.entries(first));
  return { kept, getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => void kept.set(k, v), removeItem: (k) => void kept.delete(k) };
}
const place = (client) => `stagedoor:https://auth.example.com/${client === 'plain' ? 'auth/' : `_allauth/${client}/v1/`}`;
const withTokens = (client, tokens) => shelf({ [place(client)]: JSON.stringify(tokens) });

test('a server that is away while a token is renewed is a state', async () => {
  const storage = withTokens('plain', { access: 'old', refresh: 'r', expires: 1 });
  const { auth } = make({ 'POST token/refresh': new Error('refused') }, { client: 'plain', storage });
  assert.equal((await within(auth.load(), 'load')).status, 'unavailable');
  assert.match(storage.kept.get(place('plain')), /"refresh":"r"/);
});

test('a storage that cannot be read is an empty one', async () => {
  for (const getItem of [() => { throw new Error('SecurityError'); }, () => '{"session":', () => 'null', async () => Promise.reject(new Error('locked'))]) {
    const { auth } = make({ 'POST auth/login': inside({ session_token: 's' }) }, { storage: { ...shelf(), getItem } });
    assert.equal((await within(auth.load(), 'load')).status, 'signed_out');
    assert.equal((await auth.signIn.password({})).status, 'signed_in');
  }
});

test('what cannot be stored is kept for this page', async () => {
  const storage = { ...shelf(), setItem: () => { throw new Error('QuotaExceededError'); } };
  const { auth, seen } = make({ 'POST auth/login': inside({ session_token: 's' }), 'GET auth/sessions': { status: 200, data: [] } }, { storage });
  assert.equal((await auth.signIn.password({})).status, 'signed_in');
  await auth.account.sessions.list();
  assert.equal(seen.at(-1).headers['X-Session-Token'], 's');
  assert.equal((await auth.signOut()).status, 'signed_out');
});

test('an old answer does not sign in who has signed out', async () => {
  const slow = gate();
  let asked = 0;
  const { auth } = make({
    'GET session': async () => (++asked === 1 ? { status: 200, user, methods: [] } : asked === 2 ? (await slow.opened, { status: 200, user, methods: [] }) : { status: 401, flow: null, flows: [{ id: 'login' }] }),
    'POST logout': { status: 200 },
  }, { client: 'plain', storage: withTokens('plain', { access: 'a', expires: Date.now() + 1e6 }) });
  assert.equal((await auth.load()).status, 'signed_in');
  const look = auth.load();
  while (asked < 2) await tick(1);
  const leaving = auth.signOut();
  await tick(20);
  slow.open();
  assert.deepEqual([(await within(leaving, 'signOut')).status, auth.state.expired], ['signed_out', false]);
  await look;
  assert.equal(auth.state.status, 'signed_out');
});

test('an answer to an old token takes no newer one along', async () => {
  const slow = gate();
  const { auth } = make({
    'GET auth/sessions': async ({ headers }) => (headers['X-Session-Token'] === 'old' ? (await slow.opened, { status: 410, data: { flows: [] }, meta: {} }) : { status: 200, data: [] }),
    'POST auth/login': inside({ session_token: 'new' }),
  }, { storage: withTokens('app', { session: 'old' }) });
  const list = auth.account.sessions.list();
  await tick(5);
  await auth.signIn.password({});
  slow.open();
  assert.deepEqual(await list, []);
  assert.equal(await auth.accessToken(), 'new');
});

test('a proof that is asked for before anything was loaded is shown', async () => {
  let proved = false;
  const slow = gate();
  const { auth } = make({
    'GET session': async () => (await slow.opened, { status: 200, user, methods: [] }),
    'POST password/change': () => (proved ? { status: 200 } : { status: 401, flows: [{ id: 'reauthenticate' }] }),
    'POST stages/reauthenticate': () => ((proved = true), { status: 200 }),
  }, { client: 'plain', storage: withTokens('plain', { access: 'a', expires: Date.now() + 1e6 }) });
  auth.subscribe(() => {});
  const change = auth.password.change({ new_password: 'x' });
  await tick(5);
  slow.open();
  for (let n = 0; !auth.state.proof && n < 100; n++) await tick(5);
  assert.equal(auth.state.status, 'signed_in');
  assert.equal(auth.state.proof?.ways[0].id, 'reauthenticate');
  await auth.prove.password('y');
  await within(change, 'the change');
});

test('somebody else who signs in meanwhile ends what waited', async () => {
  let who = user;
  const ask = () => ({ status: 401, data: { user: who, methods: [], flows: [{ id: 'reauthenticate' }] }, meta: { is_authenticated: true } });
  const { auth, seen } = make({
    'GET auth/session': () => ({ ...inside(), data: { user: who, methods: [] } }), 'POST account/email': ask,
    'POST auth/reauthenticate': () => ({ ...inside(), data: { user: who, methods: [] } }),
  });
  auth.subscribe(() => {});
  await auth.load();
  const adding = auth.account.emails.add('x@example.org').catch((e) => e.code);
  while (!auth.state.proof) await tick(1);
  who = { ...user, id: 8 };
  await auth.prove.password('of the other');
  assert.equal(await within(adding, 'what waited'), 'cancelled');
  assert.equal(seen.filter((x) => x.what === 'POST account/email').length, 1);
  assert.equal(auth.state.proof, null);
});

test('an authenticator that cannot be stopped holds nothing up', async () => {
  const options = { publicKey: { challenge: 'eA', rpId: 'example.com' } };
  let asked = 0;
  const credentials = { get: () => (++asked, new Promise(() => {})), create: () => new Promise(() => {}) };
  const { auth } = make({
    'GET auth/webauthn/login': { status: 200, data: { request_options: options } }, 'GET auth/session': inside({ session_token: 's' }),
  }, { credentials });
  const first = auth.signIn.passkey().catch((e) => e.code);
  while (asked < 1) await tick(1);
  const second = auth.signIn.passkey().catch((e) => e.code);
  assert.equal(await within(first, 'the ceremony that made room'), 'cancelled');
  while (asked < 2) await tick(1);
  assert.equal((await within(auth.signOut(), 'signOut')).status, 'signed_out');
  assert.equal(await within(second, 'the other ceremony'), 'cancelled');
});

test('of two ceremonies at once one is ended', async () => {
  const options = { publicKey: { challenge: 'eA', rpId: 'example.com' } };
  const open = [];
  const credentials = {
    get: ({ signal }) => new Promise((_, reject) => {
      open.push(signal);
      signal.addEventListener('abort', () => reject(Object.assign(new Error('aborted'), { name: 'AbortError' })));
    }),
  };
  const { auth } = make({ 'GET auth/webauthn/login': { status: 200, data: { request_options: options } } }, { credentials });
  const all = [auth.signIn.passkey(), auth.signIn.passkey(), auth.signIn.passkey()].map((p) => p.catch((e) => e.code));
  await tick(50);
  assert.equal(open.filter((signal) => !signal.aborted).length, 1);
  auth.close();
  assert.deepEqual(await within(Promise.all(all), 'the ceremonies'), ['cancelled', 'cancelled', 'cancelled']);
});

test('a refresh that is refused signs out, once for all who asked', async () => {
  const { auth, seen } = make({
    'GET session': { status: 401, flow: null, flows: [{ id: 'login' }] }, 'POST token/refresh': { status: 401 },
  }, { client: 'plain', storage: withTokens('plain', { access: 'old', refresh: 'r', expires: 1 }) });
  await Promise.all([auth.load(), auth.accessToken(), auth.accessToken()]);
  assert.equal(auth.state.status, 'signed_out');
  assert.equal(seen.filter((x) => x.what === 'POST token/refresh').length, 1);
});

test('closing leaves nothing behind', async () => {
  const { auth } = make({ 'GET auth/session': inside(), 'POST account/email': { status: 401, data: { user, flows: [{ id: 'reauthenticate' }] }, meta: { is_authenticated: true } } });
  auth.subscribe(() => {});
  await auth.load();
  const adding = auth.account.emails.add('x@example.org').catch((e) => e.code);
  while (!auth.state.proof) await tick(1);
  auth.close();
  assert.equal(await within(adding, 'what waited'), 'cancelled');
});

test('a token that is renewed while somebody signs out is not kept', async () => {
  const slow = gate();
  const storage = withTokens('app', { session: 's', access: 'old', refresh: 'r', expires: 1 });
  const { auth } = make({
    'POST tokens/refresh': async () => (await slow.opened, { status: 200, data: { access_token: 'new', refresh_token: 'r2' } }), 'GET auth/session': inside(),
  }, { storage });
  await auth.load();
  const token = auth.accessToken();
  await tick(5);
  await auth.signOut();
  slow.open();
  assert.equal(await token, null);
  assert.equal(await auth.accessToken(), null);
  assert.equal(storage.kept.size, 0);
});

test('whatever a ceremony fails of is an error of ours, and the next one begins', async () => {
  const options = { publicKey: { challenge: 'eA', rpId: 'example.com' } };
  let answer = { request_options: {} };
  let get = () => { throw new TypeError('not like that'); };
  const { auth } = make({ 'GET auth/webauthn/login': () => ({ status: 200, data: answer }) }, { credentials: { get: (o) => get(o) } });
  const failed = () => auth.signIn.passkey().catch((e) => [e.name, e.code]);
  assert.deepEqual(await failed(), ['AuthError', 'not_allowed']);
  answer = { request_options: options };
  assert.deepEqual(await failed(), ['AuthError', 'not_allowed']);
  get = async () => null;
  assert.deepEqual(await failed(), ['AuthError', 'not_allowed']);
});
