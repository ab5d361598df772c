// The client library of stagedoor: one ES module without dependencies. The types and what
// everything means stand in stagedoor.d.ts.

// CODES name what went wrong where the server's body does not.
const CODES = {
  0: 'unreachable', 403: 'forbidden', 404: 'not_found', 408: 'timed_out', 409: 'conflict', 410: 'gone', 429: 'too_many_requests',
  502: 'unavailable', 503: 'unavailable', 504: 'unavailable',
};

const WORDS = {
  unreachable: 'The server cannot be reached.',
  timed_out: 'That took too long. Try again.',
  forbidden: 'That is not allowed here.',
  not_found: 'The server does not have that.',
  conflict: 'That is not possible now.',
  too_many_requests: 'Too many tries. Wait a little.',
  unavailable: 'The server is busy.',
  failed: 'That did not work.',
  cancelled: 'Cancelled.',
  not_allowed: 'The passkey was not used.',
  already_registered: 'This device has one already.',
  unsupported: 'This is not available here.',
  signed_out: 'You are signed out. Sign in again.',
  proof_required: 'Show again that it is you.',
};

export class AuthError extends Error {
  constructor(code, { status = 0, problems = [], retryAfter, answer, cause } = {}) {
    super(problems[0]?.message ?? WORDS[code] ?? WORDS.failed, { cause });
    Object.assign(this, { name: 'AuthError', code, status, problems, retryAfter, answer, fields: {} });
    for (const p of problems) if (p.param) (this.fields[p.param] ??= []).push(p);
  }
}

// Passkeys go as JSON (WebAuthn Level 3, section 5.1.8 and on). Some browsers, and password
// managers that stand in for them, cannot make it.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

function ceremonyOptions(json, kind) {
  const parse = globalThis.PublicKeyCredential?.[kind === 'create' ? 'parseCreationOptionsFromJSON' : 'parseRequestOptionsFromJSON'];
  if (parse) return parse.call(globalThis.PublicKeyCredential, json);
  const known = (list) => list?.map((c) => ({ ...c, id: bytes(c.id) }));
  const options = { ...json, challenge: bytes(json.challenge) };
  if (json.user) options.user = { ...json.user, id: bytes(json.user.id) };
  if (json.excludeCredentials) options.excludeCredentials = known(json.excludeCredentials);
  if (json.allowCredentials) options.allowCredentials = known(json.allowCredentials);
  return options;
}

function credentialJSON(credential) {
  try {
    return credential.toJSON();
  } catch {
    const r = credential.response;
    const response = { clientDataJSON: text64(r.clientDataJSON) };
    for (const part of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) if (r[part]) response[part] = text64(r[part]);
    if (r.getTransports) response.transports = r.getTransports();
    return {
      id: credential.id, rawId: text64(credential.rawId), type: credential.type, response,
      authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
    };
  }
}

const REFUSALS = { AbortError: 'cancelled', InvalidStateError: 'already_registered', NotSupportedError: 'unsupported' };

const HEADLESS = {
  session: 'GET auth/session', config: 'GET config?features=true', signOut: 'DELETE auth/session', login: 'POST auth/login', signup: 'POST auth/signup',
  code: 'POST auth/code/request', forgot: 'POST auth/password/request', reset: 'POST auth/password/reset', resetInfo: 'GET auth/password/reset',
  emailInfo: 'GET auth/email/verify', verifyEmail: 'POST auth/email/verify',
  loginOptions: 'GET auth/webauthn/login', passkeyLogin: 'POST auth/webauthn/login', passkeySignup: 'POST auth/webauthn/signup',
  password: 'POST account/password/change', proof: 'POST auth/reauthenticate', proofCode: 'POST auth/reauthenticate/code/request',
  proofFactor: 'POST auth/2fa/reauthenticate', proofOptions: 'GET auth/webauthn/reauthenticate', proofKey: 'POST auth/webauthn/reauthenticate',
  foresee: 'GET auth/reauthenticate', providerToken: 'POST auth/provider/token', refresh: 'POST tokens/refresh',
  emails: 'GET account/email', addEmail: 'POST account/email', resendEmail: 'PUT account/email', removeEmail: 'DELETE account/email', primaryEmail: 'PATCH account/email',
  phone: 'GET account/phone', changePhone: 'POST account/phone', providers: 'GET account/providers', disconnect: 'DELETE account/providers',
  authenticators: 'GET account/authenticators', totp: 'GET account/authenticators/totp', activateTOTP: 'POST account/authenticators/totp', removeTOTP: 'DELETE account/authenticators/totp',
  recoveryCodes: 'GET account/authenticators/recovery-codes', renewRecoveryCodes: 'POST account/authenticators/recovery-codes',
  keyOptions: 'GET account/authenticators/webauthn', addKey: 'POST account/authenticators/webauthn', renameKey: 'PUT account/authenticators/webauthn', removeKeys: 'DELETE account/authenticators/webauthn',
  sessions: 'GET auth/sessions', endSessions: 'DELETE auth/sessions',
  providerInfo: 'GET auth/provider/signup',
};

const PLAIN = {
  session: 'GET session', config: 'GET config', signOut: 'POST logout', login: 'POST login', signup: 'POST signup',
  code: 'POST code/request', forgot: 'POST password/reset', reset: 'POST password/reset/confirm',
  emailInfo: 'POST stages/verify_email/info', verifyEmail: 'POST email/verify',
  loginOptions: 'POST stages/mfa_login_webauthn/options', passkeyLogin: 'POST stages/mfa_login_webauthn', passkeySignup: 'POST stages/mfa_signup_webauthn',
  password: 'POST password/change', proof: 'POST stages/reauthenticate', proofCode: 'POST reauthenticate/code/request',
  proofFactor: 'POST stages/mfa_reauthenticate', proofOptions: 'POST stages/webauthn_reauthenticate/options', proofKey: 'POST stages/webauthn_reauthenticate',
  foresee: 'GET reauthenticate', refresh: 'POST token/refresh', resendEmail: 'POST email/request',
  authenticators: 'GET mfa/authenticators', totp: 'POST mfa/totp/add', activateTOTP: 'POST mfa/totp/confirm', removeTOTP: 'DELETE mfa/totp',
  recoveryCodes: 'GET mfa/recovery-codes', renewRecoveryCodes: 'POST mfa/recovery-codes', keyOptions: 'POST mfa/webauthn/add', addKey: 'POST mfa/webauthn/add',
  providerInfo: 'POST stages/provider_signup/info',
};

// Where stages of the headless contract are passed.
const PLACES = {
  verify_email: { submit: 'POST auth/email/verify', resend: 'POST auth/email/verify/resend', change: 'POST account/email' },
  verify_phone: { submit: 'POST auth/phone/verify', resend: 'POST auth/phone/verify/resend', change: 'POST account/phone' },
  login_by_code: { submit: 'POST auth/code/confirm', resend: 'POST auth/code/resend' },
  mfa_authenticate: { submit: 'POST auth/2fa/authenticate', key: 'POST auth/webauthn/authenticate', options: 'GET auth/webauthn/authenticate' },
  mfa_trust: { submit: 'POST auth/2fa/trust' },
  mfa_signup_webauthn: { submit: 'PUT auth/webauthn/signup', options: 'GET auth/webauthn/signup' },
  provider_signup: { submit: 'POST auth/provider/signup' },
  password_reset_by_code: { submit: 'POST auth/password/reset' },
  reauthenticate_by_code: { submit: 'POST auth/reauthenticate/code/confirm', resend: 'POST auth/reauthenticate/code/resend' },
};

const code = (name = 'code') => ({ name, type: 'code', required: true });
const actions = (on = {}, to) => [
  ...(on.code_resend ? [{ name: 'resend', fields: [] }] : []),
  ...(on.code_change && to ? [{ name: 'change', fields: [{ name: to, type: to, required: true }] }] : []),
];

const bare = ({ is_pending, ...way }) => way;

function describe(flow, config) {
  const f = config?.features;
  const signup = (f?.signup.fields ?? [{ name: 'email', required: true }]).filter((x) => x.name !== 'password');
  const types = flow.types ?? [];
  const byCode = config?.account?.email_verification_by_code_enabled;
  const known = {
    verify_email: () => ({ fields: byCode === false ? [] : [code('key')], actions: actions(f?.email, 'email') }),
    verify_phone: () => ({ fields: [code()], actions: actions(f?.phone, 'phone') }),
    login_by_code: () => ({ fields: [code()], actions: actions(f?.login) }),
    reauthenticate_by_code: () => ({ fields: [code()], actions: actions(f?.login) }),
    mfa_authenticate: () => ({
      fields: types.length === 0 || types.some((t) => t !== 'webauthn') ? [code()] : [],
      passkey: types.includes('webauthn') ? 'get' : undefined,
    }),
    mfa_trust: () => ({ fields: [{ name: 'trust', type: 'bool' }] }),
    mfa_signup_webauthn: () => ({ fields: [{ name: 'name', type: 'text', max_length: 100 }], passkey: 'create' }),
    provider_signup: () => ({ fields: signup.map((x) => ({ name: x.name, type: x.name, required: x.required })) }),
    password_reset_by_code: () => ({ fields: [code('key'), { name: 'password', type: 'secret', required: true, min_length: f?.password.min_length }] }),
  }[flow.id];
  const all = { fields: [], actions: [], known: Boolean(known), ...bare(flow), ...known?.() };
  if (!known) all.actions = all.actions.map((a) => ({ fields: [], ...a }));
  return JSON.parse(JSON.stringify(all));
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

export function createAuth(options = {}) {
  options = options.dpop?.bind(options) ?? options;
  const client = options.client ?? (globalThis.document ? 'browser' : 'app');
  const plain = client === 'plain';
  const here = globalThis.location?.href;
  if (!options.url && !here) throw new TypeError('createAuth: give the url of the server');
  const mount = (options.mount ?? (plain ? '/auth' : '/_allauth')).replace(/\/+$/, '');
  const base = new URL(`${mount}/${plain ? '' : `${client}/v1/`}`, new URL(options.url ?? here, here)).href;
  const wire = plain ? PLAIN : HEADLESS;
  const send = options.fetch ?? ((...a) => globalThis.fetch(...a));
  const keys = () => options.credentials ?? globalThis.navigator?.credentials;
  const store = options.storage;
  const storeKey = `stagedoor:${base}`;
  const retries = options.retries ?? 2;

  let state = { status: 'loading' };
  let config; // the promise of an answer
  let features; // the answer, once it is here
  let csrfHeader = '';
  let offered; // the TOTP secret of the plain contract
  let waiting = []; // actions that wait for a proof
  let ceremony; // the passkey ceremony under way
  let loading; // the load under way
  let refreshing;
  let busy = 0; // actions under way
  let leaving; // somebody signs out
  let turns = 0; // how often an answer has said where one stands
  let closed = false;
  const listeners = new Set();
  const observers = new Set();

  function hear(set, listener) {
    const mine = (value) => listener(value);
    set.add(mine);
    return () => set.delete(mine);
  }

  function tell(set, value) {
    for (const listener of [...set]) {
      try {
        listener(value);
      } catch (error) {
        (globalThis.reportError ?? console.error)(error);
      }
    }
  }

  function become(next, shout = true) {
    if (JSON.stringify(next) === JSON.stringify(state)) return state;
    state = next;
    tell(listeners, state);
    if (state.status === 'signed_in') ceremony?.autofill && ceremony.stop();
    if (shout && busy > 0 && state.status !== 'unavailable') channel?.postMessage('changed');
    return state;
  }

  function stand(said, { from } = {}) {
    const was = state;
    turns++;
    if (said.user) {
      const same = was.status === 'signed_in' && was.user.id === said.user.id;
      if (was.status === 'signed_in' && !same) drop('cancelled');
      return become({ status: 'signed_in', user: said.user, methods: said.methods ?? [], proof: same ? was.proof : null, stage: same ? was.stage : said.inside ? describe(said.inside, features) : null });
    }
    drop('signed_out');
    const ways = said.flows.filter((f) => f.id !== said.pending?.id).map(bare);
    if (said.pending) return become({ status: 'pending', stage: describe(said.pending, features), ways });
    const expired = !leaving && (was.status === 'signed_in' || was.status === 'pending' && from === was.stage.id && from !== 'verify_email')
      || !leaving && was.status === 'signed_out' && was.expired && !from;
    return become({ status: 'signed_out', ways, expired });
  }

  let held; // a promise of the last write, so that writes are in order
  let last = {}; // what was written: all there is without a storage, or with one that fails
  let broken = !store;
  const recall = async () => {
    try {
      if (!broken) return JSON.parse(await store.getItem(storeKey)) ?? {};
    } catch {
      // Locked, or not ours.
    }
    return last;
  };
  const tokens = async () => {
    await held;
    return recall();
  };
  const keep = (change) => {
    held = (async (before) => {
      await before;
      last = { ...await recall(), ...change };
      for (const k of Object.keys(last)) if (last[k] == null) delete last[k];
      try {
        await (Object.keys(last).length ? store.setItem(storeKey, JSON.stringify(last)) : store.removeItem(storeKey));
      } catch {
        broken = true;
      }
    })(held);
    return held;
  };
  const forget = () => keep({ session: null, access: null, refresh: null, expires: null, run: null, waits: null });

  // until is when to renew a token: a little before its end, by this clock.
  const until = (seconds) => (seconds ? Date.now() + seconds * 1000 - Math.min(15_000, seconds * 100) : null);

  // life is how many seconds a token says it is good for (RFC 7519).
  function life(jwt) {
    try {
      const { exp, iat } = JSON.parse(atob(jwt.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
      return exp - iat;
    } catch {
      return undefined;
    }
  }

  async function absorb({ body }) {
    if (client === 'browser') return;
    const { session_token: session, access_token: access, refresh_token: refresh, expires_in: seconds } = (plain ? body : body?.meta) ?? {};
    const change = {};
    if (session) change.session = session;
    if (refresh) change.refresh = refresh;
    if (access) {
      Object.assign(change, { access, expires: until(seconds ?? life(access)) });
      if (plain) Object.assign(change, { run: null, waits: null });
    }
    if (plain && body?.flow_token) {
      change.run = body.flow_token;
      change.waits = body.pending ? body : null;
    }
    if (Object.keys(change).length) await keep(change);
  }

  // fresh is an access token that is good for a while yet. Of several callers and tabs one
  // refreshes.
  async function fresh(refused) {
    const t = await tokens();
    const good = (x) => x.access && x.access !== refused && !(x.expires < Date.now());
    if (good(t) || !t.refresh) return t.access && t.access !== refused ? t.access : null;
    refreshing ??= (async () => {
      const locked = (work) => (globalThis.navigator?.locks ? navigator.locks.request(storeKey, work) : work());
      try {
        return await locked(async () => {
          const now = await tokens();
          if (good(now)) return now.access;
          const reply = await exchange(wire.refresh, { refresh_token: now.refresh }, { token: null });
          // Somebody may have signed out meanwhile.
          const then = await tokens();
          if (then.refresh !== now.refresh) return then.access ?? null;
          if (reply.status === 200) {
            const pair = reply.body.data ?? reply.body;
            await keep({ access: pair.access_token, refresh: pair.refresh_token ?? now.refresh, expires: until(pair.expires_in ?? life(pair.access_token)) });
            return pair.access_token;
          }
          if (reply.status === 400 || reply.status === 401 || reply.status === 410) {
            await (plain ? forget() : keep({ access: null, refresh: null, expires: null }));
            return null;
          }
          throw fault(reply);
        });
      } finally {
        refreshing = undefined;
      }
    })();
    return refreshing;
  }

  // A page of another host is told the token: its cookie would be of its own server.
  const csrf = () => csrfHeader || globalThis.document?.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] || '';

  async function headersFor(method, token) {
    const headers = { Accept: 'application/json' };
    if (client === 'browser') {
      if (method !== 'GET') headers['X-CSRFToken'] = csrf();
      return headers;
    }
    if (token === null) return headers;
    const t = await tokens();
    const bearer = plain || !t.session ? await fresh() : null;
    if (bearer) headers.Authorization = `Bearer ${bearer}`;
    else if (t.session) headers['X-Session-Token'] = t.session;
    return headers;
  }

  // exchange sends one request and tells of it. Without an answer the status is 0.
  async function exchange(what, body, { headers = {}, token, query = '' } = {}) {
    const [method, path] = what.split(' ');
    const began = Date.now();
    const reply = { status: 0, body: undefined };
    try {
      const init = {
        method, cache: 'no-store', credentials: client === 'browser' ? 'include' : 'omit',
        headers: { ...await headersFor(method, token), ...headers },
      };
      if (body !== undefined) {
        init.headers['Content-Type'] = 'application/json';
        init.body = JSON.stringify(body);
      }
      const response = await send(base + path + query, init);
      const text = await response.text();
      Object.assign(reply, { status: response.status, retryAfter: Number(response.headers.get('Retry-After')) || undefined, headers: init.headers });
      csrfHeader = response.headers.get('X-CSRFToken') || csrfHeader;
      try {
        reply.body = JSON.parse(text);
      } catch {
        // Of a proxy.
      }
    } catch (error) {
      // That of a refresh has a status.
      Object.assign(reply, { status: error.status ?? 0, retryAfter: error.retryAfter, cause: error });
    }
    tell(observers, { method, path: path + query, body, status: reply.status, answer: reply.body, took: Date.now() - began });
    return reply;
  }

  // request is exchange with patience: reads are tried again; a browser that has no CSRF token
  // yet, or an old one, gets one; an app drops or renews a token that is worth nothing. What was
  // refused for a token changed nothing.
  async function request(what, body, o) {
    const reads = what.startsWith('GET');
    if (!reads && client === 'browser' && !csrf()) await exchange(wire.session);
    for (let tried = 0; ; tried++) {
      const reply = await exchange(what, body, o);
      const down = reply.status === 0 || CODES[reply.status] === 'unavailable';
      const gone = reply.status === 410 && !plain;
      const sent = reply.headers ?? {};
      if (gone && (await tokens()).session === sent['X-Session-Token']) await forget();
      const stale = tried === 0 && (gone || reply.status === 403 && sent['X-CSRFToken'] !== undefined && csrf() !== sent['X-CSRFToken']
        || plain && unknown(reply) && sent.Authorization && await fresh(sent.Authorization.slice(7)));
      if (!stale && !(reads && down && tried < retries && !closed)) {
        await absorb(reply);
        return reply;
      }
      if (!stale) await sleep(Math.min((reply.retryAfter ?? 0.3 * 2 ** tried) * 1000, 5e3));
    }
  }

  function fault({ status, body, retryAfter, cause }) {
    const problems = plain
      ? Object.entries(body?.errors ?? {}).flatMap(([param, all]) => all.map((message, i) => ({
        message, code: body.codes?.[param]?.[i] ?? 'invalid', ...(param !== '__all__' && { param }),
      })))
      : body?.errors ?? [];
    const code = problems[0]?.param ? problems[0].code : CODES[status] ?? problems[0]?.code ?? 'failed';
    return new AuthError(code, { status, problems, retryAfter, answer: body, cause });
  }

  // unknown reports whether the plain contract does not know a token. A session without any
  // way to prove it still is one.
  const unknown = ({ status, body }) => status === 401 && body?.flow === null && !body.pending
    && !(state.status === 'signed_in' && body.flows?.length === 0);

  // read says what an answer means: who is signed in, what waits, what is to be proved; null is
  // an answer that is about something else.
  function read({ status, body }) {
    if (!body || typeof body !== 'object') return null;
    if (!plain) {
      const { data, meta } = body;
      const inside = data?.flows?.find((f) => f.is_pending && f.id !== 'reauthenticate_by_code');
      if (status === 200 && data?.user && meta?.is_authenticated) return { user: data.user, methods: data.methods, inside };
      if (status === 401 && meta?.is_authenticated) return { user: data.user, methods: data.methods, ...(inside ? { inside } : { proof: data.flows ?? [] }) };
      if (status === 401 || status === 410) return { flows: data?.flows ?? [], pending: data?.flows?.find((f) => f.is_pending) };
      return null;
    }
    if (body.access_token || status === 200 && body.methods && body.user) return { user: body.user, methods: body.methods };
    const flows = body.flows ?? [];
    const asked = () => ({ id: body.flow, ...body.details, ...(body.fields && { fields: body.fields }), ...(body.actions && { actions: body.actions }) });
    if (body.pending && body.flow_token) return { flows, pending: asked() };
    // A run goes on without a session.
    const over = status === 410 && state.status === 'pending';
    if (over || unknown({ status, body })) {
      keep(over ? { run: null, waits: null } : { access: null, refresh: null, expires: null });
      return { flows };
    }
    if (status !== 401) return null;
    return body.flows ? { proof: flows } : { inside: asked() };
  }

  // ask sends what is wanted, waits for proofs, and takes over where one stands.
  async function ask(what, body, o = {}) {
    if (!what) throw new AuthError('unsupported');
    busy++;
    try {
      for (;;) {
        const reply = await request(what, body, o);
        const said = read(reply);
        // The plain contract does not say with a token how it was earned.
        if (said?.user && !said.methods) await load();
        else if (said?.user || said?.flows) stand(said, o);
        if (said?.proof && o.proves) return { ...reply, proof: said.proof };
        if (said?.proof) {
          await proven(said.proof);
          continue;
        }
        if (said?.inside) become({ ...state, stage: describe(said.inside, features) });
        if (said) return { ...reply, stands: true };
        if (reply.status >= 200 && reply.status < 300 || o.ok?.includes(reply.status)) return reply;
        const error = fault(reply);
        if (reply.status === 409) await load();
        throw error;
      }
    } finally {
      busy--;
    }
  }

  const move = async (what, body, o) => {
    try {
      await ask(what, body, o);
    } catch (error) {
      if (error.code !== 'conflict' || !o?.enters || state.status !== 'signed_in') throw error;
      // Somebody signed in meanwhile, in another tab: that is what was wanted.
    }
    return state;
  };

  // Who is signed out meanwhile gets no data.
  const get = async (what, body, o) => {
    const reply = await ask(what, body, o);
    if (reply.stands && state.status !== 'signed_in') throw new AuthError('signed_out', { status: reply.status, answer: reply.body });
    return plain ? reply.body?.result ?? reply.body : reply.body?.data;
  };

  async function proven(ways) {
    if (state.status !== 'signed_in') await load();
    if (listeners.size === 0 || state.status !== 'signed_in') throw new AuthError('proof_required', { status: 401, answer: { flows: ways } });
    const pending = ways.find((w) => w.is_pending);
    return new Promise((resolve, reject) => {
      waiting.push((code) => (code ? reject(new AuthError(code)) : resolve()));
      const proofs = ways.filter((w) => w.id !== 'password_reset_by_code').map(bare);
      become({ ...state, proof: { ways: proofs, stage: pending ? describe(pending, features) : state.proof?.stage ?? null } }, false);
    });
  }

  // drop has what waits for a proof go on, or fail.
  function drop(code) {
    const all = waiting;
    waiting = [];
    for (const go of all) go(code);
  }

  function goOn() {
    if (state.status === 'signed_in' && (state.proof || state.stage?.id === 'reauthenticate_by_code')) {
      become({ ...state, proof: null, stage: state.stage?.id === 'reauthenticate_by_code' ? null : state.stage });
    }
    drop();
  }

  async function prove(what, body, o) {
    const reply = await ask(what, body, { proves: true, ...o });
    if (reply.proof) throw new AuthError('proof_required', { status: 401, answer: reply.body });
    if (plain && reply.status === 200) await load();
    if (state.status === 'signed_in') goOn();
    return state;
  }

  // end signs out, or gives up what waits. An app's token is worth nothing then.
  async function end() {
    leaving = true;
    try {
      const { body } = !plain || (await tokens()).access ? await ask(wire.signOut, plain ? {} : undefined) : {};
      if (client !== 'browser') await forget();
      turns++;
      return { ...(plain ? await load() : state), logoutUrl: (plain ? body : body?.meta)?.logout_url };
    } finally {
      leaving = false;
    }
  }

  function load() {
    loading ??= (async () => {
      try {
        let reply, began;
        do {
          // What was asked before an action is old after it.
          began = turns;
          [reply] = await Promise.all([request(wire.session), describeServer()]);
        } while (began !== turns);
        const said = read(reply);
        const { waits } = plain ? await tokens() : {};
        if (said?.flows && waits) return stand({ ...read({ status: 401, body: waits }), flows: said.flows });
        if (said?.user || said?.flows) return stand(said);
        if (state.status === 'loading' || state.status === 'unavailable') become({ status: 'unavailable', error: fault(reply) });
        return state;
      } finally {
        loading = undefined;
      }
    })();
    return loading;
  }

  function configuration() {
    config ??= (async () => {
      const reply = await request(wire.config);
      if (reply.status !== 200) throw fault(reply);
      features = plain ? reply.body : reply.body.data;
      return features;
    })();
    config.catch(() => {
      config = undefined;
    });
    return config;
  }

  const describeServer = () => configuration().catch(() => undefined);

  const shared = client === 'browser' || options.storage;
  const channel = options.channel !== false && shared && globalThis.BroadcastChannel && globalThis.document
    ? new BroadcastChannel(options.channel ?? storeKey) : undefined;
  const look = () => {
    if (state.status !== 'loading' && !closed) load();
  };
  const shown = () => document.hidden || look();
  globalThis.document?.addEventListener?.('visibilitychange', shown);
  channel?.addEventListener('message', look);

  const supported = () => Boolean(keys()?.get && (globalThis.PublicKeyCredential || options.credentials));

  const can = (what) => async () => supported() && Boolean(await globalThis.PublicKeyCredential?.[what]?.());

  // perform asks the browser for a passkey. The ceremony that waits in a field makes room.
  async function perform(kind, json, { signal, autofill = false, mediation = autofill && 'conditional' } = {}) {
    if (!supported()) throw new AuthError('unsupported');
    while (ceremony) await ceremony.stop();
    const control = new AbortController();
    const stopped = new Promise((_, reject) => control.signal.addEventListener('abort', () => setTimeout(reject, 300, { name: 'AbortError' })));
    const abort = () => control.abort();
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    const begin = async () => keys()[kind]({
      publicKey: ceremonyOptions(json.publicKey, kind), signal: control.signal, ...(mediation && { mediation }),
    });
    const made = Promise.race([begin(), stopped]);
    const mine = { autofill, stop: () => (abort(), made.catch(() => {})) };
    ceremony = mine;
    try {
      const credential = await made;
      if (!credential) throw new AuthError('not_allowed');
      return credentialJSON(credential);
    } catch (error) {
      throw error instanceof AuthError ? error : new AuthError(REFUSALS[error.name] ?? 'not_allowed', { cause: error });
    } finally {
      signal?.removeEventListener('abort', abort);
      if (ceremony === mine) ceremony = undefined;
    }
  }

  const choices = (data) => data?.request_options ?? data?.creation_options ?? data;

  async function fill({ signal } = {}) {
    const able = await auth.passkeys.autofill() && (await describeServer())?.mfa?.passkey_login_enabled !== false;
    while (able && state.status !== 'signed_in' && !signal?.aborted && !closed) {
      const json = choices(await get(wire.loginOptions, plain ? {} : undefined));
      const renewal = new AbortController();
      const stop = () => renewal.abort();
      const timer = setTimeout(stop, 4 * 60_000);
      signal?.addEventListener('abort', stop);
      try {
        const credential = await perform('get', json, { signal: renewal.signal, autofill: true });
        return await move(wire.passkeyLogin, await withRun({ credential }), { enters: true });
      } catch (error) {
        if (error.code !== 'cancelled') throw error;
        if (!renewal.signal.aborted) break;
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
      }
    }
    return state;
  }

  async function offer(kind) {
    const { body } = await request(wire.keyOptions, plain ? { [kind]: true } : undefined, { query: plain ? '' : `?${kind}` });
    return choices(plain ? body : body?.data);
  }

  // tellKeys tells the browser which keys are left: the options for a new one name them.
  async function tellKeys() {
    const signal = globalThis.PublicKeyCredential?.signalAllAcceptedCredentials;
    const o = signal && (await offer('passwordless'))?.publicKey;
    if (!o) return;
    await signal.call(globalThis.PublicKeyCredential, {
      rpId: o.rp.id, userId: o.user.id, allAcceptedCredentialIds: (o.excludeCredentials ?? []).map((c) => c.id),
    }).catch(() => {});
  }

  const withRun = async (values = {}) => (plain ? { ...values, ...await tokens().then(({ run }) => run && { token: run }) } : values);
  const stage = () => (state.status === 'pending' ? state.stage : state.proof?.stage ?? state.stage);
  const place = (id, what) => (!plain && PLACES[id]?.[what]) || `POST ${plain ? '' : 'auth/'}stages/${encodeURIComponent(id)}${what === 'submit' || what === 'key' ? '' : `/${what}`}`;
  const current = () => {
    const now = stage();
    if (!now) throw new AuthError('conflict');
    return now.id;
  };

  async function submit(id, values) {
    if (id === 'reauthenticate_by_code' && state.status === 'signed_in') {
      return prove(place(id, 'submit'), values).catch((error) => {
        // The code is used up: another one can be asked for.
        if (error.code === 'conflict') setProofStage(null);
        throw error;
      });
    }
    const was = state;
    await move(place(id, values?.credential ? 'key' : 'submit'), await withRun(values), { from: id, enters: true });
    if (was.status === 'signed_in' && state.stage?.id === id && state.stage === was.stage) become({ ...state, stage: null });
    return state;
  }

  const setProofStage = (next) => {
    if (state.status !== 'signed_in') return;
    become(state.proof ? { ...state, proof: { ...state.proof, stage: next } } : { ...state, stage: next }, false);
  };

  // awaitCode shows the stage of an address that gets a code. By a link there is nothing to enter.
  async function awaitCode(sent) {
    const list = await sent;
    if (features?.account?.email_verification_by_code_enabled) become({ ...state, stage: describe({ id: 'verify_email' }, features) }, false);
    return list;
  }

  const act = (id, name, values) => withRun(values).then((body) => get(place(id, name), body));

  // leave sends the browser itself away, with a form: an answer to a script could not.
  async function leave(id, { callback, process = 'login' } = {}) {
    if (!globalThis.document) throw new AuthError('unsupported');
    const back = callback ?? location.href.split('#')[0];
    if (plain) {
      const body = await get(`POST providers/${encodeURIComponent(id)}/redirect`, { process, ...(callback && { redirect_uri: callback }) });
      await keep({ away: body.flow_token });
      location.assign(body.redirect_url);
      return new Promise(() => {});
    }
    if (client === 'browser' && (csrfHeader || !csrf())) await exchange(wire.session);
    const form = document.createElement('form');
    form.method = 'post';
    form.action = `${base}auth/provider/redirect`;
    form.hidden = true;
    const values = { provider: id, process, callback_url: new URL(back, here).href, csrfmiddlewaretoken: csrf() };
    for (const [name, value] of Object.entries(values)) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name, value }));
    document.body.append(form);
    form.submit();
    return new Promise(() => {});
  }

  const token = (id, { process = 'login', ...values }) => (plain
    ? [`POST providers/${encodeURIComponent(id)}/token`, { ...values, process }]
    : [wire.providerToken, { provider: id, process, token: values }]);

  const authenticator = (data) => data?.authenticator ?? data;

  const auth = {
    get state() {
      return state;
    },
    client,
    subscribe(listener) {
      const stop = hear(listeners, listener);
      listener(state);
      if (state.status === 'loading') load();
      return stop;
    },
    on: (event, listener) => hear(observers, listener),
    load: () => load(),
    config: configuration,
    signIn: {
      password: (values) => move(wire.login, values, { enters: true }),
      code: (to) => move(wire.code, to, { enters: true }),
      passkey: async (o) => {
        const json = choices(await get(wire.loginOptions, plain ? {} : undefined));
        return move(wire.passkeyLogin, await withRun({ credential: await perform('get', json, o) }), { enters: true });
      },
      autofill: fill,
      provider: leave,
      providerToken: (id, values, process) => move(...token(id, { ...values, process }), { enters: true }),
      async returned(id, { code: given, state: sent, iss, error, query }) {
        const { away } = await tokens();
        await keep({ away: null });
        return move(plain ? `POST providers/${encodeURIComponent(id)}/callback` : undefined, { code: given, state: sent, iss, error, query, token: away }, { enters: true });
      },
    },
    signUp: {
      password: (values) => move(wire.signup, values, { enters: true }),
      passkey: (values) => move(wire.passkeySignup, values, { enters: true }),
    },
    step: {
      submit,
      async passkey({ signal, ...values } = {}) {
        const { id, passkey: kind } = stage() ?? {};
        if (!kind) throw new AuthError('conflict');
        const what = place(id, 'options');
        const json = choices(await get(what, what.startsWith('GET') ? undefined : await withRun()));
        const name = kind === 'create' && values.name ? { name: values.name } : {};
        return submit(id, { ...name, credential: await perform(kind, json, { signal }) });
      },
      async resend() {
        const id = current();
        await ask(plain && id === 'verify_email' ? wire.resendEmail : place(id, 'resend'), await withRun());
        return state;
      },
      async change(to) {
        const id = current();
        await ask(place(id, 'change'), await withRun(to));
        return state;
      },
      act: (name, values) => act(current(), name, values),
      async info() {
        const id = current();
        return id === 'provider_signup' ? get(wire.providerInfo, plain ? await withRun() : undefined) : act(id, 'info');
      },
      async cancel() {
        if (state.status === 'signed_in') {
          if (state.proof?.stage) setProofStage(null);
          else become({ ...state, stage: null });
          return state;
        }
        return end();
      },
    },
    prove: {
      password: (password) => prove(wire.proof, { password }),
      async code(to) {
        const recipients = state.proof?.ways.find((w) => w.id === 'reauthenticate_by_code')?.recipients;
        await ask(wire.proofCode, to ?? recipients?.[0] ?? {}, { proves: true });
        setProofStage(describe({ id: 'reauthenticate_by_code', recipients: to ? [to] : recipients?.slice(0, 1) }, features));
        return state;
      },
      factor: (given) => prove(wire.proofFactor, { code: given }),
      async passkey(o) {
        const json = choices(await get(wire.proofOptions, plain ? {} : undefined));
        return prove(wire.proofKey, await withRun({ credential: await perform('get', json, o) }));
      },
      provider: (id, o) => leave(id, { ...o, process: 'reauthenticate' }),
      cancel() {
        drop('cancelled');
        if (state.status === 'signed_in' && state.proof) become({ ...state, proof: null }, false);
      },
      needed: (operation) => get(wire.foresee, undefined, {
        query: `?for=${encodeURIComponent(plain ? operation[0].toLowerCase() + operation.slice(1) : client + operation)}`,
      }),
    },
    password: {
      forgot: (to) => move(wire.forgot, to),
      link: (key) => get(wire.resetInfo, undefined, { headers: { 'X-Password-Reset-Key': key } }),
      reset: (values) => move(wire.reset, values),
      change: async (values) => void await get(wire.password, values),
    },
    email: {
      link: (key) => (plain ? withRun({ key }).then((body) => get(wire.emailInfo, body)) : get(wire.emailInfo, undefined, { headers: { 'X-Email-Verification-Key': key } })),
      async verify(key) {
        await move(wire.verifyEmail, { key }, { from: 'verify_email' });
        // The plain contract does not say what is next: to sign in.
        return plain && state.stage?.id === 'verify_email' ? end() : state;
      },
    },
    account: {
      emails: {
        list: () => get(wire.emails),
        add: (email) => awaitCode(get(wire.addEmail, { email })),
        remove: (email) => get(wire.removeEmail, { email }),
        primary: (email) => get(wire.primaryEmail, { email, primary: true }),
        resend: async (email) => void await awaitCode(get(wire.resendEmail, { email })),
      },
      phone: {
        get: async () => (await get(wire.phone))?.[0] ?? null,
        async change(phone) {
          const list = await get(wire.changePhone, { phone });
          if (state.status === 'signed_in') become({ ...state, stage: describe({ id: 'verify_phone' }, features) }, false);
          return list[0];
        },
      },
      providers: {
        list: () => get(wire.providers),
        connect: (id, o) => leave(id, { ...o, process: 'connect' }),
        disconnect: (which) => get(wire.disconnect, which),
      },
      authenticators: async () => {
        const data = await get(wire.authenticators);
        return data.authenticators ?? data;
      },
      totp: {
        async offer() {
          const reply = await ask(wire.totp, plain ? {} : undefined, { ok: [404] });
          offered = (plain ? reply.body : reply.body?.meta)?.secret;
          if (!offered) throw reply.status === 200 ? new AuthError('conflict', { status: 409 }) : fault(reply);
          const { secret, totp_url } = plain ? reply.body : reply.body.meta;
          return { secret, totp_url };
        },
        activate: async (given) => authenticator(await get(wire.activateTOTP, { code: given, ...(plain && { secret: offered }) })),
        remove: async () => void await get(wire.removeTOTP),
      },
      recoveryCodes: {
        get: () => get(wire.recoveryCodes),
        renew: () => get(wire.renewRecoveryCodes, {}),
      },
      passkeys: {
        async add({ signal, name, passwordless = true } = {}) {
          const json = choices(await get(wire.keyOptions, plain ? { passwordless } : undefined, { query: plain || !passwordless ? '' : '?passwordless' }));
          const credential = await perform('create', json, { signal });
          return authenticator(await get(wire.addKey, { ...(name && { name }), credential, ...(plain && { passwordless }) }));
        },
        async upgrade({ signal, name } = {}) {
          const able = await globalThis.PublicKeyCredential?.getClientCapabilities?.();
          const json = able?.conditionalCreate && await offer('conditional');
          if (!json?.publicKey) return null;
          const credential = await perform('create', json, { signal, mediation: 'conditional' });
          return authenticator(await get(wire.addKey, { ...(name && { name }), credential, conditional: true }));
        },
        rename: (id, name) => get(wire.renameKey, { id, name }),
        async remove(ids) {
          await get(wire.removeKeys, { authenticators: ids });
          await tellKeys();
        },
      },
      sessions: {
        list: () => get(wire.sessions),
        end: (ids) => get(wire.endSessions, { sessions: ids }),
      },
    },
    async signOut() {
      drop('cancelled');
      await ceremony?.stop();
      return end();
    },
    passkeys: {
      supported,
      autofill: can('isConditionalMediationAvailable'),
      platform: can('isUserVerifyingPlatformAuthenticatorAvailable'),
    },
    async accessToken() {
      if (client === 'browser') return null;
      return await fresh() ?? (plain ? null : (await tokens()).session ?? null);
    },
    async fetch(input, init) {
      const wanted = new Request(input, client === 'browser' ? { credentials: 'include', ...init } : init);
      if (client === 'browser') return send(wanted);
      const go = async (bearer) => {
        const copy = wanted.clone();
        const { session } = await tokens();
        if (bearer) copy.headers.set('Authorization', `Bearer ${bearer}`);
        else if (session) copy.headers.set('X-Session-Token', session);
        return send(copy);
      };
      const bearer = await fresh();
      const response = await go(bearer);
      const next = response.status === 401 && bearer ? await fresh(bearer) : null;
      return next ? go(next) : response;
    },
    request: async (method, path, body, headers) => (await ask(`${method} ${path}`, body, { headers })).body,
    close() {
      closed = true;
      ceremony?.stop();
      channel?.close();
      globalThis.document?.removeEventListener?.('visibilitychange', shown);
      listeners.clear();
      observers.clear();
      drop('cancelled');
    },
  };

  if (options.config) {
    features = options.config.data ?? options.config;
    config = Promise.resolve(features);
  }
  const first = options.session && read({ status: options.session.status ?? 200, body: options.session });
  if (first) stand(first);
  return auth;
}
