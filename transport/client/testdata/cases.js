// What the library does against a real server, in node and in Chromium alike. Each case is
// handed a kit: makes clients, reads letters and codes, and checks.

const PASSWORD = 'violet harbour 7';

export class Kit {
  constructor({ url, desk, createAuth, AuthError, createDPoP }) {
    Object.assign(this, { url, desk, createAuth, AuthError, createDPoP, opened: [] });
    this.email = `c${Math.random().toString(36).slice(2, 10)}@example.org`;
  }

  auth(client, more = {}) {
    const auth = this.createAuth({ url: this.url, client, ...more });
    this.opened.push(auth);
    auth.subscribe(() => {});
    return auth;
  }

  async ask(path) {
    const answer = await fetch(this.desk + path);
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return answer.text();
  }

  // letter is the key or code of the next letter.
  letter() {
    this.read = (this.read ?? 0) + 1;
    return this.ask(`/mail?to=${encodeURIComponent(this.email)}&n=${this.read}`);
  }

  totp(secret) {
    return this.ask(`/totp?secret=${secret}`);
  }

  equal(got, want, what) {
    const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
    if (a !== b) throw new Error(`${what}: ${a}, want ${b}`);
  }

  async fails(promise, code, what) {
    try {
      await promise;
    } catch (error) {
      if (!(error instanceof this.AuthError)) throw error;
      this.equal(error.code, code, what);
      return error;
    }
    throw new Error(`${what}: it succeeded, want ${code}`);
  }

  until(auth, what, test) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${what}: still ${JSON.stringify(auth.state)}`)), 10_000);
      const stop = auth.subscribe((state) => {
        if (!test(state)) return;
        clearTimeout(late);
        queueMicrotask(() => stop());
        resolve(state);
      });
    });
  }

  // member makes an account and signs in.
  async member(client, more) {
    const auth = this.auth(client, more);
    if ((await auth.load()).status === 'signed_in') await auth.signOut();
    await auth.signUp.password({ email: this.email, password: PASSWORD });
    this.equal(auth.state.stage?.id, 'verify_email', 'the sign-up waits');
    await auth.email.verify(await this.letter());
    const state = await auth.signIn.password({ email: this.email, password: PASSWORD });
    if (state.stage?.id === 'hello.source') await auth.step.submit('hello.source', { source: 'a friend' });
    this.equal(auth.state.status, 'signed_in', 'it signs in');
    return auth;
  }

  close() {
    for (const auth of this.opened) auth.close();
  }
}

export const journey = (client) => async (k) => {
  const auth = k.auth(client);
  const seen = [];
  auth.subscribe((state) => seen.push(state.status + (state.stage ? `:${state.stage.id}` : '') + (state.proof ? '!' : '')));
  await k.until(auth, 'it finds out where it stands', (s) => s.status === 'signed_out');
  k.equal((await auth.config()).features.login.passkey, true, 'the server says what it has');

  const wrong = await k.fails(auth.signIn.password({ email: '', password: '' }), 'required', 'an empty form');
  k.equal(Object.keys(wrong.fields).sort(), ['email', 'password'], 'its fields are named');
  await auth.signUp.password({ email: k.email, password: PASSWORD });
  k.equal(auth.state.stage.id, 'verify_email', 'an address is to be verified');
  k.equal(auth.state.stage.fields, [], 'by a link, so that there is nothing to enter');
  const key = await k.letter();
  k.equal((await auth.email.link(key)).email, k.email, 'the link tells whose address it is');
  k.equal((await auth.email.verify(key)).status, 'signed_out', 'verified, and not yet signed in');
  k.equal(auth.state.expired, false, 'nothing has expired');

  const state = await auth.signIn.password({ email: k.email, password: PASSWORD });
  k.equal(state.stage.id, 'hello.source', 'a stage that the library was not written for');
  k.equal([state.stage.known, state.stage.fields[0].name, state.stage.fields[0].type], [false, 'source', 'text'], 'says what it asks');
  await k.fails(auth.step.submit('hello.source', {}), 'required', 'it wants an answer');
  await auth.step.submit('hello.source', { source: 'a friend' });
  k.equal([auth.state.status, auth.state.user.email], ['signed_in', k.email], 'and lets in');

  const { secret } = await auth.account.totp.offer();
  const activated = auth.account.totp.activate(await k.totp(secret));
  const asked = await k.until(auth, 'a proof is asked for', (s) => s.proof);
  k.equal(asked.proof.ways.map((w) => w.id), ['reauthenticate', 'reauthenticate_by_code'], 'there are ways');
  await k.fails(auth.prove.password('wrong'), 'incorrect_password', 'a wrong password is no proof');
  k.equal(Boolean(auth.state.proof), true, 'it is still asked for');
  await auth.prove.code();
  k.equal(auth.state.proof.stage.id, 'reauthenticate_by_code', 'a code is waited for');
  await k.fails(auth.step.submit('reauthenticate_by_code', { code: 'AAAA-AAAA' }), 'incorrect_code', 'a wrong code');
  await auth.prove.password(PASSWORD);
  k.equal((await activated).type, 'totp', 'what was interrupted goes on');
  k.equal(auth.state.proof, null, 'and nothing is asked any more');
  k.equal((await auth.account.authenticators()).map((a) => a.type).sort(), ['recovery_codes', 'totp'], 'TOTP is there');

  await auth.signOut();
  k.equal([auth.state.status, auth.state.expired], ['signed_out', false], 'signed out');
  await auth.signIn.password({ email: k.email, password: PASSWORD });
  k.equal([auth.state.stage.id, auth.state.stage.types], ['mfa_authenticate', ['recovery_codes', 'totp']], 'a second factor is asked for');
  await auth.step.cancel();
  k.equal(auth.state.status, 'signed_out', 'it can be given up');
  await auth.signIn.password({ email: k.email, password: PASSWORD });
  await k.fails(auth.step.submit('mfa_authenticate', { code: '000000' }), 'incorrect_code', 'a wrong code');
  await auth.step.submit('mfa_authenticate', { code: await k.totp(secret) });
  if (auth.state.stage?.id === 'mfa_trust') await auth.step.submit('mfa_trust', { trust: false });
  k.equal(auth.state.status, 'signed_in', 'the right one lets in');
  k.equal(auth.state.methods.map((m) => m.method), ['password', 'mfa'], 'and it is known how');
  await auth.signOut();
  if (seen.some((s, i) => s === seen[i - 1] && s === 'signed_in')) throw new Error(`told twice of one state: ${seen.join(' ')}`);
};

export const account = (client) => async (k) => {
  const auth = await k.member(client);
  await auth.account.emails.add('second-' + k.email);
  k.equal((await auth.account.emails.list()).map((e) => e.verified), [true, false], 'an address is added');
  await auth.account.emails.resend('second-' + k.email);
  await auth.account.emails.remove('second-' + k.email);
  k.equal((await auth.account.sessions.list()).filter((s) => s.is_current).length, 1, 'this session is listed');
  k.equal(await auth.account.phone.get(), null, 'no number');
  k.equal(await auth.account.providers.list(), [], 'no provider');
  k.equal((await auth.prove.needed('AddKey')).required, true, 'a key would ask for a proof');
  await auth.password.change({ current_password: PASSWORD, new_password: 'amber window 9' });
  k.equal(auth.state.status, 'signed_in', 'the session goes on after a new password');
  await auth.signOut();
  await k.fails(auth.account.emails.list(), 'signed_out', 'nobody is signed in');
  await auth.password.forgot({ email: k.email });
  const key = await k.letter();
  k.equal((await auth.password.link(key)).user.email, k.email, 'the link tells whose password it sets');
  const short = await k.fails(auth.password.reset({ key, password: 'x' }), 'password_too_short', 'a short password');
  k.equal(Object.keys(short.fields), ['password'], 'the field is named');
  await auth.password.reset({ key, password: PASSWORD });
  k.equal((await auth.signIn.password({ email: k.email, password: PASSWORD })).status, 'signed_in', 'the new password signs in');
};

export const code = (client) => async (k) => {
  const auth = await k.member(client);
  await auth.signOut();
  await auth.signIn.code({ email: k.email });
  k.equal([auth.state.stage.id, auth.state.stage.actions.map((a) => a.name)], ['login_by_code', ['resend']], 'a code is waited for');
  const first = await k.letter();
  await auth.step.resend();
  const second = await k.letter();
  await k.fails(auth.step.submit('login_by_code', { code: first }), 'incorrect_code', 'the code that was sent first');
  await auth.step.submit('login_by_code', { code: second });
  k.equal(auth.state.status, 'signed_in', 'it signs in');
};

// Of many callers one refreshes, and what an app kept for too long is no error.
export const tokens = (client) => async (k) => {
  const kept = new Map();
  const storage = { getItem: async (n) => kept.get(n) ?? null, setItem: async (n, v) => void kept.set(n, v), removeItem: async (n) => void kept.delete(n) };
  const auth = await k.member(client, { storage });
  let refreshes = 0;
  auth.on('exchange', (x) => (refreshes += /refresh/.test(x.path)));
  const first = await auth.accessToken();
  await new Promise((done) => setTimeout(done, 2100));
  const all = await Promise.all(Array.from({ length: 20 }, () => auth.accessToken()));
  k.equal([new Set(all).size, refreshes, all[0] === first], [1, 1, false], 'twenty callers, one refresh');
  const again = k.auth(client, { storage });
  await k.until(again, 'another start of the app finds the session', (s) => s.status === 'signed_in');
  const [[name, text]] = kept;
  await auth.signOut();
  k.equal(kept.size, 0, 'nothing is kept after signing out');
  kept.set(name, text);
  const stale = k.auth(client, { storage });
  k.equal((await stale.load()).status, 'signed_out', 'a token that is worth nothing is no error');
  kept.set(name, text);
  k.equal((await stale.signIn.password({ email: k.email, password: PASSWORD })).status, 'signed_in', 'and does not keep anybody out');
};

export const plain = async (k) => {
  const auth = await k.member('plain');
  await k.fails(auth.account.emails.list(), 'unsupported', 'what the contract does not have');
  const response = await auth.fetch(`${k.url}/auth/user`);
  k.equal((await response.json()).user.email, k.email, 'fetch sends the token');
  await auth.signOut();
  k.equal((await auth.fetch(`${k.url}/auth/user`)).status, 401, 'and none where there is none');
};

// What an app has that shows proofs is good for nothing without its key: whoever copies all of its
// storage has nothing, and the app goes on.
export const bound = (client) => async (k) => {
  const shelf = (from) => {
    const kept = new Map(from);
    return { kept, getItem: async (n) => kept.get(n) ?? null, setItem: async (n, v) => void kept.set(n, v), removeItem: async (n) => void kept.delete(n) };
  };
  const [storage, dpop] = [shelf(), k.createDPoP({ name: `${client} of ${k.email}` })];
  const auth = await k.member(client, { storage, dpop });
  const about = () => (client === 'plain' ? auth.request('GET', 'session') : auth.account.sessions.list().then((all) => all.find((s) => s.is_current)));
  k.equal((await about()).bound, true, 'the session is bound');
  const [[name, text]] = [...storage.kept];
  const { jkt, ...tokens } = JSON.parse(text);
  k.equal(jkt, await dpop.thumbprint(), 'the tokens are kept with the name of the key');

  const thief = (more) => k.auth(client, { storage: shelf([[name, JSON.stringify(tokens)]]), channel: false, ...more });
  k.equal((await thief().load()).status, 'signed_out', 'a copy of the tokens is worth nothing');
  k.equal((await thief({ dpop: k.createDPoP({ name: 'thief' }) }).load()).status, 'signed_out', 'nor is it with another key');
  const moved = k.auth(client, { storage: shelf([[name, text]]), channel: false, dpop: k.createDPoP({ name: 'moved' }) });
  k.equal((await moved.load()).status, 'signed_out', 'where the key is gone nobody is signed in');
  await moved.signIn.password({ email: k.email, password: PASSWORD });
  k.equal((await moved.load()).status, 'signed_in', 'and signing in binds another session to the new key');
  await moved.signOut();

  const header = client === 'plain' ? { Authorization: `DPoP ${tokens.access}` } : { 'X-Session-Token': tokens.session };
  const place = client === 'plain' ? '/auth/session' : '/_allauth/app/v1/auth/sessions';
  const seen = await dpop.proof('GET', k.url + place, client === 'plain' ? tokens.access : tokens.session);
  const statuses = [];
  for (let n = 0; n < 2; n++) statuses.push((await fetch(k.url + place, { headers: { ...header, DPoP: seen } })).status);
  k.equal(statuses[1] >= 400, true, `a proof is good once: ${statuses}`);

  const own = await auth.fetch(k.url + place);
  k.equal(own.status, 200, 'what the program itself asks has a proof');
  const again = k.auth(client, { storage, dpop, channel: false });
  k.equal((await again.load()).status, 'signed_in', 'another start of the app finds the session');
  k.equal((await about()).bound, true, 'it goes on');
  await auth.signOut();
  k.equal(storage.kept.size, 0, 'nothing is kept after signing out');
};

// proved has every client of a case show proofs.
export const proved = (run) => async (k) => {
  const make = k.createAuth;
  const dpop = k.createDPoP();
  k.createAuth = (options) => make(options.client === 'browser' ? options : { dpop, ...options });
  await run(k);
};

export const inNode = {
  'app: bound': bound('app'), 'plain: bound': bound('plain'), 'app: proved journey': proved(journey('app')), 'app: proved account': proved(account('app')),
  'app: proved tokens': proved(tokens('app')), 'plain: proved journey': proved(journey('plain')), 'plain: proved tokens': proved(tokens('plain')), 'plain: proved': proved(plain),
  'app: journey': journey('app'), 'app: account': account('app'), 'app: code': code('app'), 'app: tokens': tokens('app'),
  'plain: journey': journey('plain'), 'plain: code': code('plain'), 'plain: tokens': tokens('plain'), plain,
};
