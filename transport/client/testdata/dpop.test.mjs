// Proofs of possession (RFC 9449) before a small server that judges them as the RFC says.
import assert from 'node:assert/strict';
import * as node from 'node:crypto';
import test from 'node:test';
import { createAuth } from '../stagedoor.js';
import { createDPoP } from '../stagedoor-dpop.js';

const user = { id: 7, display: 'ann', has_usable_password: true };
const out = { status: 401, data: { flows: [{ id: 'login' }] }, meta: { is_authenticated: false } };
const inside = (meta = {}) => ({ status: 200, data: { user, methods: [] }, meta: { is_authenticated: true, ...meta } });
const away = { status: 401, flow: null, flows: [{ id: 'login' }] };
const hash = (text) => node.createHash('sha256').update(text).digest('base64url');
const jwt = (body) => `e30.${Buffer.from(JSON.stringify(body)).toString('base64url')}.c2ln`;

function shelf(first = {}) {
  const kept = new Map(Object.entries(first));
  return { kept, getItem: async (k) => kept.get(k) ?? null, setItem: async (k, v) => void kept.set(k, v), removeItem: async (k) => void kept.delete(k) };
}

// judge reads a proof (RFC 9449, section 4.3) and says what is in it.
function judge(header, { method, url, token, now = Date.now() }) {
  const [head, body, signature] = header.split('.');
  const [{ typ, alg, jwk, ...more }, claims] = [head, body].map((part) => JSON.parse(Buffer.from(part, 'base64url')));
  assert.deepEqual([typ, more], ['dpop+jwt', {}]);
  assert.equal('d' in jwk, false, 'no private key is shown');
  const key = node.createPublicKey({ key: jwk, format: 'jwk' });
  const digest = { ES256: 'sha256', EdDSA: null }[alg];
  assert.ok(node.verify(digest, Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')), 'the signature is right');
  assert.deepEqual([claims.htm, claims.htu], [method, url.split(/[?#]/)[0]]);
  assert.equal(claims.ath, token && hash(token));
  if (Math.abs(claims.iat * 1000 - now) > 60_000) return { late: true };
  const { crv, kty, x, y } = jwk;
  return { ...claims, jkt: hash(JSON.stringify({ crv, kty, x, y })) };
}

// server answers by 'METHOD path', and judges the proof of every request; it wants the nonce that it
// has, and has the time that it is given.
function server(answers, { wants, clock = Date.now } = {}) {
  const s = { seen: [], wants, jtis: new Set() };
  s.fetch = async (input, init = {}) => {
    const url = String(input.url ?? input);
    const headers = new Headers(init.headers ?? input.headers);
    const method = init.method ?? input.method ?? 'GET';
    const what = `${method} ${new URL(url).pathname.replace(/^\/(_allauth\/app\/v1|auth)\//, '')}`;
    const [scheme, bearer] = headers.get('Authorization')?.split(' ') ?? [];
    const proof = judge(headers.get('DPoP'), { method, url, token: bearer ?? headers.get('X-Session-Token') ?? undefined, now: clock() });
    const body = init.body ?? (input.body ? await input.text() : undefined);
    s.seen.push({ what, scheme, bearer, session: headers.get('X-Session-Token'), proof, body: body && JSON.parse(body) });
    const more = { Date: new Date(clock()).toUTCString(), ...(s.wants && { 'DPoP-Nonce': s.wants }) };
    const refuse = (error) => new Response('{"status":401}', { status: 401, headers: { 'WWW-Authenticate': `DPoP error="${error}", algs="ES256"`, ...more } });
    if (proof.late) return refuse('invalid_dpop_proof');
    if (s.jtis.has(proof.jti)) assert.fail('a proof is used twice');
    s.jtis.add(proof.jti);
    if (s.wants && proof.nonce !== s.wants) return refuse('use_dpop_nonce');
    let answer = answers[what] ?? (what === 'GET config' ? { status: 200, data: {} } : out);
    if (typeof answer === 'function') answer = await answer(s.seen.at(-1));
    return new Response(JSON.stringify(answer), { status: answer.status, headers: more });
  };
  s.auth = (options) => createAuth({ url: 'https://auth.example.com', client: 'app', fetch: s.fetch, retries: 0, dpop: createDPoP(), ...options });
  s.of = (what) => s.seen.filter((x) => x.what === what);
  return s;
}

test("the RFC's own key and token have the RFC's thumbprint and hash", async () => {
  const jwk = { kty: 'EC', x: 'l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs', y: '9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA', crv: 'P-256', use: 'sig' };
  const dpop = createDPoP({ key: async () => ({ alg: 'ES256', jwk, sign: async () => new ArrayBuffer(64) }) });
  assert.equal(await dpop.thumbprint(), '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I');
  const proof = await dpop.proof('get', 'https://resource.example.org/protectedresource?x=1#y', 'Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU');
  const [head, body] = proof.split('.').map((part) => Buffer.from(part, 'base64url')).slice(0, 2).map((part) => JSON.parse(part));
  assert.deepEqual(head, { typ: 'dpop+jwt', alg: 'ES256', jwk: { crv: 'P-256', kty: 'EC', x: jwk.x, y: jwk.y } });
  assert.deepEqual([body.htm, body.htu, body.ath], ['GET', 'https://resource.example.org/protectedresource', 'fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo']);
});

test('every request of an app has a proof of its own, of one key', async () => {
  let signedIn = false;
  const s = server({
    'POST auth/login': () => ((signedIn = true), inside({ session_token: 'opaque' })), 'GET auth/sessions': { status: 200, data: [] },
    'GET auth/session': () => (signedIn ? inside() : out),
  });
  const auth = s.auth();
  await auth.load();
  await auth.signIn.password({ email: 'a@example.org', password: 'x' });
  await auth.account.sessions.list();
  assert.deepEqual(s.seen.map((x) => [x.what, x.session, x.scheme]), [
    ['GET auth/session', null, undefined], ['GET config', null, undefined], ['POST auth/login', null, undefined], ['GET auth/sessions', 'opaque', undefined]]);
  assert.equal(new Set(s.seen.map((x) => x.proof.jkt)).size, 1);
  assert.equal(s.jtis.size, 4);
});

test('a JWT that is bound goes under the scheme DPoP, and one that is not as Bearer', async () => {
  for (const [more, scheme] of [[{ cnf: { jkt: 'x' } }, 'DPoP'], [{}, 'Bearer']]) {
    const token = jwt({ iat: 0, exp: 300, ...more });
    const s = server({ 'POST auth/login': inside({ session_token: 'opaque', access_token: token, refresh_token: 'r' }), 'GET /orders': { status: 200 } });
    const auth = s.auth();
    await auth.signIn.password({ email: 'a@example.org', password: 'x' });
    await auth.fetch('https://orders.example.net/orders?page=2');
    assert.deepEqual([s.seen.at(-1).what, s.seen.at(-1).scheme, s.seen.at(-1).bearer], ['GET /orders', scheme, token]);
  }
});

test('a token of the plain contract is bound where the answer says so, also after a new start', async () => {
  for (const [type, scheme] of [['DPoP', 'DPoP'], ['Bearer', 'Bearer']]) {
    const s = server({
      'POST login': { status: 200, user, access_token: 'a1', token_type: type, refresh_token: 'r1', expires_in: 300 },
      'POST token/refresh': { status: 200, access_token: 'a2', token_type: type, refresh_token: 'r2', expires_in: 300 },
      'GET session': { status: 200, user, methods: [] },
    });
    const [storage, dpop] = [shelf(), createDPoP()];
    const auth = s.auth({ client: 'plain', storage, dpop });
    await auth.signIn.password({ email: 'a@example.org', password: 'x' });
    assert.equal(s.of('POST login')[0].scheme, undefined);
    assert.equal(s.of('GET session').at(-1).scheme, scheme);
    const [name] = storage.kept.keys();
    const { expires, ...kept } = JSON.parse(storage.kept.get(name));
    assert.deepEqual(kept, { access: 'a1', refresh: 'r1', jkt: await dpop.thumbprint(), ...(type === 'DPoP' && { type }) });
    storage.kept.set(name, JSON.stringify({ ...kept, expires: 1 }));
    const again = s.auth({ client: 'plain', storage, dpop });
    assert.equal((await again.load()).status, 'signed_in');
    assert.deepEqual([s.of('POST token/refresh').length, s.of('POST token/refresh')[0].scheme], [1, undefined]);
    assert.deepEqual([s.of('GET session').at(-1).scheme, s.of('GET session').at(-1).bearer], [scheme, 'a2']);
    const third = createAuth({ url: 'https://auth.example.com', client: 'plain', fetch: s.fetch, storage, dpop });
    await third.load();
    assert.equal(s.of('GET session').at(-1).scheme, scheme, 'what was kept says so, too');
  }
});

test('tokens of a key that is gone are no tokens: somebody signs in anew', async () => {
  let n = 0;
  const s = server({ 'POST auth/login': () => inside({ session_token: `s${++n}` }), 'GET auth/session': ({ session }) => (session ? inside() : out) });
  const storage = shelf();
  const first = s.auth({ storage });
  await first.signIn.password({ email: 'a@example.org', password: 'x' });
  const second = s.auth({ storage });
  assert.deepEqual([(await second.load()).status, second.state.expired, s.of('GET auth/session').at(-1).session], ['signed_out', false, null]);
  await second.signIn.password({ email: 'a@example.org', password: 'x' });
  assert.equal(s.of('POST auth/login').at(-1).session, null, 'the old token is not sent along');
  assert.equal((await second.load()).status, 'signed_in');
  assert.equal(await second.accessToken(), 's2');
});

test('tokens from before proofs were made are still good', async () => {
  const s = server({ 'GET auth/session': ({ session }) => (session === 'old' ? inside() : out) });
  const auth = s.auth({ storage: shelf({ 'stagedoor:https://auth.example.com/_allauth/app/v1/': '{"session":"old"}' }) });
  assert.equal((await auth.load()).status, 'signed_in');
});

test('a nonce that is wanted is learnt, and what was refused for it is sent again once', async () => {
  const s = server({ 'POST auth/login': inside({ session_token: 'opaque' }), 'GET auth/sessions': { status: 200, data: [] } }, { wants: 'n1' });
  const auth = s.auth();
  await auth.signIn.password({ email: 'a@example.org', password: 'x' });
  const sent = s.of('POST auth/login');
  assert.deepEqual(sent.map((x) => [x.proof.nonce, x.body.password]), [[undefined, 'x'], ['n1', 'x']]);
  await auth.account.sessions.list();
  assert.deepEqual(s.of('GET auth/sessions').map((x) => x.proof.nonce), ['n1']);
  s.wants = 'n2';
  await auth.account.sessions.list();
  assert.deepEqual(s.of('GET auth/sessions').map((x) => x.proof.nonce), ['n1', 'n1', 'n2']);
});

test('who wants another nonce each time is not asked for ever', async () => {
  let n = 0;
  const refuse = async () => new Response('{"errors":[{"code":"use_dpop_nonce"}]}', { status: 400, headers: { 'DPoP-Nonce': `n${++n}` } });
  const response = await createDPoP().bind({ client: 'app', fetch: refuse }).fetch('https://auth.example.com/x');
  assert.deepEqual([response.status, n, (await response.json()).errors[0].code], [400, 3, 'use_dpop_nonce']);
  n = 0;
  const same = async () => (n++, new Response('use_dpop_nonce', { status: 400 }));
  await createDPoP().bind({ client: 'app', fetch: same }).fetch('https://auth.example.com/x');
  assert.equal(n, 1, 'nor is one that sends none');
});

test('nonces are of one origin', async () => {
  const [a, b] = [server({ 'GET /x': { status: 200 } }, { wants: 'a' }), server({ 'GET /x': { status: 200 } }, { wants: 'b' })];
  const { fetch } = createDPoP().bind({ client: 'app', fetch: (input, init) => (input.includes('a.example') ? a : b).fetch(input, init) });
  for (const origin of ['https://a.example', 'https://b.example', 'https://a.example', 'https://b.example']) await fetch(`${origin}/x`);
  assert.deepEqual([a, b].map((s) => s.seen.map((x) => x.proof.nonce)), [[undefined, 'a', 'a'], [undefined, 'b', 'b']]);
});

test('a clock that is wrong is set by the server', async () => {
  const s = server({ 'POST auth/login': inside({ session_token: 'opaque' }), 'GET auth/sessions': { status: 200, data: [] } }, { clock: () => Date.now() - 3_600_000, wants: 'n1' });
  const auth = s.auth();
  await auth.signIn.password({ email: 'a@example.org', password: 'x' });
  await auth.account.sessions.list();
  assert.deepEqual(s.seen.map((x) => [x.what, x.proof.late ?? x.proof.nonce]), [
    ['POST auth/login', true], ['POST auth/login', 'n1'], ['GET auth/sessions', 'n1']]);
});

test('what is refused for good is answered as it is, once', async () => {
  const s = server({ 'POST auth/login': { status: 400, errors: [{ code: 'invalid_dpop_proof', message: 'no' }] } });
  const error = await s.auth().signIn.password({}).catch((e) => e);
  assert.deepEqual([error.code, error.status, s.seen.length], ['invalid_dpop_proof', 400, 1]);
});

test('what a program sends to its own servers is sent again with its body', async () => {
  const s = server({ 'POST /orders': { status: 201 }, 'POST auth/login': inside({ session_token: 'opaque' }) }, {});
  const auth = s.auth();
  await auth.signIn.password({ email: 'a@example.org', password: 'x' });
  s.wants = 'n1';
  const response = await auth.fetch('https://orders.example.net/orders', { method: 'POST', body: '{"n":1}', headers: { 'Content-Type': 'application/json' } });
  assert.equal(response.status, 201);
  assert.deepEqual(s.of('POST /orders').map((x) => [x.body, x.session, x.proof.nonce]), [[{ n: 1 }, 'opaque', undefined], [{ n: 1 }, 'opaque', 'n1']]);
});

test('a key that is kept elsewhere signs', async () => {
  const pair = node.generateKeyPairSync('ed25519');
  let asked = 0;
  const dpop = createDPoP({ key: async () => (asked++, {
    alg: 'EdDSA', jwk: pair.publicKey.export({ format: 'jwk' }), sign: async (data) => new Uint8Array(node.sign(null, new Uint8Array(data), pair.privateKey)).buffer,
  }) });
  const s = server({ 'POST auth/login': inside({ session_token: 'opaque' }) });
  await s.auth({ dpop }).signIn.password({ email: 'a@example.org', password: 'x' });
  assert.equal(asked, 1);
  const broken = createDPoP({ key: async () => { if (++asked < 3) throw new Error('locked'); return { alg: 'ES256', jwk: {}, sign: async () => new ArrayBuffer(64) }; } });
  await assert.rejects(broken.thumbprint(), /locked/);
  assert.equal(typeof await broken.thumbprint(), 'string', 'one that was locked is asked for again');
});

test('where it cannot be is said', () => {
  assert.throws(() => createAuth({ url: 'https://auth.example.com', client: 'browser', dpop: createDPoP() }), /browser with cookies/);
  const crypto = Object.getOwnPropertyDescriptor(globalThis, 'crypto');
  Object.defineProperty(globalThis, 'crypto', { value: {}, configurable: true });
  assert.throws(() => createDPoP(), /no crypto.subtle here/);
  Object.defineProperty(globalThis, 'crypto', crypto);
});
