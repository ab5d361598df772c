// What the library does on a bad wire, and on browsers that lack something, without a server.
import assert from 'node:assert/strict';
import test from 'node:test';
import { createAuth } from '../stagedoor.js';

const out = { status: 401, data: { flows: [{ id: 'login' }] }, meta: { is_authenticated: false } };
const user = { id: 7, display: 'ann', has_usable_password: true };
const inside = (meta = {}) => ({ status: 200, data: { user, methods: [] }, meta: { is_authenticated: true, ...meta } });
const config = { status: 200, data: { account: {}, mfa: {} } };

// server answers requests by 'METHOD path', with a body, a Response, or what a function makes.
function server(answers) {
  const seen = [];
  const fetch = async (url, init = {}) => {
    const path = new URL(url.url ?? url).pathname.replace(/^\/(_allauth\/app\/v1|auth)\//, '');
    seen.push({ what: `${init.method} ${path}`, headers: init.headers, body: init.body && JSON.parse(init.body) });
    let answer = answers[`${init.method} ${path}`] ?? (path === 'config' ? config : out);
    if (typeof answer === 'function') answer = await answer(seen);
    if (answer instanceof Response) return answer;
    if (answer instanceof Error) throw answer;
    return new Response(JSON.stringify(answer), { status: answer.status });
  };
  return { seen, count: (what) => seen.filter((x) => x.what === what).length, auth: (more) => createAuth({ url: 'https://auth.example.com', client: 'app', fetch, ...more }) };
}

test('reads are tried again, and nothing else', async () => {
  let n = 0;
  const s = server({
    'GET auth/session': () => (++n < 3 ? new Error('connection reset') : out),
    'POST auth/login': () => new Error('connection reset'),
  });
  const auth = s.auth();
  assert.equal((await auth.load()).status, 'signed_out');
  assert.equal(s.count('GET auth/session'), 3);
  const error = await auth.signIn.password({ email: 'a@example.org', password: 'x' }).catch((e) => e);
  assert.deepEqual([error.code, error.status, s.count('POST auth/login')], ['unreachable', 0, 1]);
  assert.equal(auth.state.status, 'signed_out');
});

test('a server that is away is a state, until it is there', async () => {
  let up = false;
  const s = server({ 'GET auth/session': () => (up ? out : new Error('refused')) });
  const auth = s.auth({ retries: 0 });
  assert.equal((await auth.load()).status, 'unavailable');
  up = true;
  assert.equal((await auth.load()).status, 'signed_out');
});

test('a proxy answers in HTML', async () => {
  const s = server({ 'POST auth/login': () => new Response('<h1>Bad gateway</h1>', { status: 502 }) });
  const error = await s.auth().signIn.password({}).catch((e) => e);
  assert.deepEqual([error.code, error.status], ['unavailable', 502]);
});

test('429 tells how long to wait', async () => {
  const s = server({ 'POST auth/login': () => new Response('{"status":429}', { status: 429, headers: { 'Retry-After': '17' } }) });
  const error = await s.auth().signIn.password({}).catch((e) => e);
  assert.deepEqual([error.code, error.retryAfter], ['too_many_requests', 17]);
});

test('410 drops the token, and the request goes on without it', async () => {
  const s = server({
    'POST auth/login': (seen) => (seen.at(-1).headers['X-Session-Token'] ? { status: 410, data: { flows: [] }, meta: { is_authenticated: null } } : inside({ session_token: 'new' })),
    'GET auth/session': () => inside({ session_token: 'old' }),
  });
  const auth = s.auth();
  await auth.load();
  const state = await auth.signIn.password({ email: 'a@example.org', password: 'x' });
  assert.equal(state.status, 'signed_in');
  assert.equal(await auth.accessToken(), 'new');
});

test('an old answer does not undo a newer one', async () => {
  let release;
  let first = true;
  const s = server({
    'GET auth/session': () => (first ? (first = false, new Promise((r) => { release = () => r(out); })) : inside()),
    'POST auth/login': inside({ session_token: 't' }),
  });
  const auth = s.auth();
  const states = [];
  auth.subscribe((state) => states.push(state.status));
  while (!release) await new Promise((r) => setTimeout(r));
  await auth.signIn.password({ email: 'a@example.org', password: 'x' });
  release();
  await auth.load();
  assert.deepEqual(states, ['loading', 'signed_in']);
});

test('where nobody subscribes an action does not wait for a proof', async () => {
  const ask = { status: 401, data: { user, methods: [], flows: [{ id: 'reauthenticate' }] }, meta: { is_authenticated: true } };
  const s = server({ 'GET auth/session': inside(), 'POST account/email': ask });
  const auth = s.auth();
  await auth.load();
  const error = await auth.account.emails.add('b@example.org').catch((e) => e);
  assert.deepEqual([error.code, error.answer.flows[0].id], ['proof_required', 'reauthenticate']);
});

test('a proof that is given up fails what waited, all of it', async () => {
  const ask = { status: 401, data: { user, methods: [], flows: [{ id: 'reauthenticate' }] }, meta: { is_authenticated: true } };
  const s = server({ 'GET auth/session': inside(), 'POST account/email': ask });
  const auth = s.auth();
  auth.subscribe(() => {});
  await auth.load();
  const both = Promise.allSettled([auth.account.emails.add('b@example.org'), auth.account.emails.add('c@example.org')]);
  while (!auth.state.proof) await new Promise((r) => setTimeout(r));
  await new Promise((r) => setTimeout(r, 5));
  auth.prove.cancel();
  assert.deepEqual((await both).map((x) => x.reason.code), ['cancelled', 'cancelled']);
  assert.equal(auth.state.proof, null);
});

test("a listener's fault is its own", async () => {
  const auth = server({}).auth();
  const heard = [];
  const report = console.error;
  console.error = () => {};
  let armed = false;
  auth.subscribe(() => { if (armed) throw new Error('mine'); });
  auth.subscribe((s) => heard.push(s.status));
  armed = true;
  await auth.load();
  console.error = report;
  assert.deepEqual(heard, ['loading', 'signed_out']);
});

test('passkeys go as JSON where the browser cannot make it', async () => {
  const buffer = (text) => new TextEncoder().encode(text).buffer;
  let given;
  const credentials = {
    get: async (o) => {
      given = o.publicKey;
      return {
        id: 'a2V5', rawId: buffer('key'), type: 'public-key', authenticatorAttachment: null, getClientExtensionResults: () => ({}),
        toJSON() { throw new TypeError('Illegal invocation'); },
        response: { clientDataJSON: buffer('{}'), authenticatorData: buffer('data?>'), signature: buffer('sig'), userHandle: null },
      };
    },
  };
  const options = { publicKey: { challenge: 'Y2hhbGxlbmdlLV8', rpId: 'example.com', allowCredentials: [{ type: 'public-key', id: 'a2V5' }] } };
  const s = server({ 'GET auth/webauthn/login': { status: 200, data: { request_options: options } }, 'POST auth/webauthn/login': inside() });
  await s.auth({ credentials }).signIn.passkey();
  assert.equal(new TextDecoder().decode(given.challenge), 'challenge-_');
  assert.equal(new TextDecoder().decode(given.allowCredentials[0].id), 'key');
  assert.deepEqual(s.seen.at(-1).body.credential, {
    id: 'a2V5', rawId: 'a2V5', type: 'public-key', clientExtensionResults: {},
    response: { clientDataJSON: 'e30', authenticatorData: 'ZGF0YT8-', signature: 'c2ln' },
  });
});

test('what the contract and the browser do not have is said', async () => {
  const auth = server({ 'GET auth/webauthn/login': { status: 404 } }).auth();
  assert.equal((await auth.signIn.passkey().catch((e) => e)).code, 'not_found');
  assert.equal((await auth.signIn.returned('x', { code: 'c', state: 's' }).catch((e) => e)).code, 'unsupported');
  assert.equal((await auth.signIn.provider('x').catch((e) => e)).code, 'unsupported');
  assert.equal((await auth.step.resend().catch((e) => e)).code, 'conflict');
  assert.throws(() => createAuth({ client: 'app' }), TypeError);
});

test('signing out tells where to sign out besides', async () => {
  const s = server({
    'GET auth/session': inside(), 'DELETE auth/session': { ...out, meta: { is_authenticated: false, logout_url: 'https://idp.example.com/logout?x=1' } },
  });
  const auth = s.auth();
  await auth.load();
  const left = await auth.signOut();
  assert.deepEqual([left.status, left.logoutUrl, auth.state.logoutUrl], ['signed_out', 'https://idp.example.com/logout?x=1', undefined]);
  const plain = server({
    'GET session': { status: 200, user, methods: [] }, 'POST logout': { status: 200, logged_out: true, logout_url: 'https://idp.example.com/logout' },
    'POST login': { status: 200, access_token: 'a', user },
  }).auth({ client: 'plain' });
  await plain.signIn.password({ email: 'a@example.org', password: 'x' });
  assert.equal((await plain.signOut()).logoutUrl, 'https://idp.example.com/logout');
});

test('a run of the plain contract outlives the page, and ends with its answer', async () => {
  const kept = new Map();
  const storage = { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, v), removeItem: (k) => kept.delete(k) };
  const nobody = { status: 401, flow: null, pending: false, flows: [{ id: 'login' }] };
  const s = server({
    'GET session': nobody, 'GET config': { status: 200 },
    'POST login': { status: 401, flow: 'acme.terms', pending: true, flow_token: 'run', fields: [{ name: 'accept', type: 'bool' }] },
    'POST stages/acme.terms': (seen) => (seen.at(-1).body.accept ? { ...nobody, status: 410 } : { status: 409 }),
  });
  const plain = () => s.auth({ client: 'plain', storage });
  await plain().signIn.password({ email: 'a@example.org', password: 'x' });
  const auth = plain();
  assert.equal((await auth.load()).stage?.id, 'acme.terms');
  await assert.rejects(auth.step.submit('acme.terms', {}), { code: 'conflict' });
  assert.equal(auth.state.stage?.id, 'acme.terms');
  const { status, expired } = await auth.step.submit('acme.terms', { accept: true });
  assert.deepEqual([status, expired, kept.size, s.seen.at(-1).body.token], ['signed_out', true, 0, 'run']);
});

test('a stage that waits for somebody who is signed in is shown, also after a reload', async () => {
  const waits = inside();
  waits.data.flows = [{ id: 'acme.leave_code', is_pending: true, fields: [{ name: 'code', type: 'code' }], actions: [{ name: 'resend' }] }];
  let now = inside();
  const s = server({ 'GET auth/session': () => now, 'POST auth/stages/acme.leave': () => (now = waits) });
  const auth = s.auth();
  await auth.load();
  assert.equal((await auth.step.submit('acme.leave', {})).stage?.id, 'acme.leave_code');
  const { stage } = await s.auth().load();
  assert.deepEqual([stage?.id, stage?.known, stage?.actions], ['acme.leave_code', false, [{ fields: [], name: 'resend' }]]);
  assert.equal((await auth.step.cancel()).stage, null);
  assert.equal((await auth.load()).stage, null);
});

test('a browser that can makes a passkey by itself, and no other is asked', async (t) => {
  const asked = [];
  const s = server({
    'GET auth/session': inside(),
    'GET account/authenticators/webauthn': (seen) => (allowed ? { status: 200, data: { creation_options: { publicKey: {
      rp: { id: 'example.com', name: 'x' }, user: { id: 'AQ', name: 'a', displayName: 'a' }, challenge: 'AQ', pubKeyCredParams: [], excludeCredentials: [],
    } } } } : { status: 401, data: { flows: [{ id: 'reauthenticate' }] }, meta: { is_authenticated: true } }),
    'POST account/authenticators/webauthn': { status: 200, data: { id: 5, type: 'webauthn', name: 'Phone' }, meta: {} },
  });
  let allowed = true;
  const bytes = new Uint8Array([1]).buffer;
  const credentials = { get() {}, create: async (o) => (asked.push(o), { id: 'AQ', rawId: bytes, type: 'public-key', toJSON: () => ({ id: 'AQ' }), getClientExtensionResults: () => ({}), response: { clientDataJSON: bytes, attestationObject: bytes, getTransports: () => [] } }) };
  const auth = s.auth({ credentials });
  await auth.load();
  assert.equal(await auth.account.passkeys.upgrade(), null, 'a browser that cannot say');
  t.after(() => { delete globalThis.PublicKeyCredential; });
  globalThis.PublicKeyCredential = { getClientCapabilities: async () => ({ conditionalCreate: false }) };
  assert.equal(await auth.account.passkeys.upgrade(), null, 'a browser that cannot');
  assert.deepEqual([asked.length, s.count('GET account/authenticators/webauthn')], [0, 0]);
  globalThis.PublicKeyCredential = { getClientCapabilities: async () => ({ conditionalCreate: true }) };
  const made = await auth.account.passkeys.upgrade({ name: 'Phone' });
  assert.deepEqual([made.id, asked[0].mediation, s.seen.at(-1).body.conditional, s.seen.at(-1).body.name], [5, 'conditional', true, 'Phone']);
  allowed = false;
  assert.equal(await auth.account.passkeys.upgrade(), null, 'a server that wants a proof');
  assert.deepEqual([asked.length, auth.state.status, auth.state.proof ?? null], [1, 'signed_in', null], 'and nobody is asked for it');
});
