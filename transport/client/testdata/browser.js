// Runs the cases in a browser, on a page of another origin than the server's. The address has
// the server and the desk; what comes of it is the text of the page.
import { createAuth, AuthError } from '/stagedoor.js';
import { createDPoP } from '/stagedoor-dpop.js';
import { Kit, account, bound, code, journey, proved } from '/cases.js';
import * as dpop from '/dpop.js';

const query = new URLSearchParams(location.search);

// Tabs of one browser are in step.
// A page that is looked at again asks anew: the link of a letter may have been opened elsewhere.
const again = async (k) => {
  const one = await k.member('browser');
  await one.signOut();
  await one.signIn.code({ email: k.email });
  const two = k.auth('browser', { channel: false });
  await k.until(two, 'both wait', (s) => s.status === 'pending');
  await two.step.cancel();
  k.equal(one.state.status, 'pending', 'nobody has told the first');
  document.dispatchEvent(new Event('visibilitychange'));
  await k.until(one, 'it has looked', (s) => s.status === 'signed_out');
};

const tabs = async (k) => {
  const one = await k.member('browser');
  const two = k.auth('browser');
  await k.until(two, 'another tab is signed in, too', (s) => s.status === 'signed_in');
  await one.signOut();
  await k.until(two, 'and signed out with the first', (s) => s.status === 'signed_out' && s.expired);
  k.equal(one.state.expired, false, 'the first has ended it itself');
  await two.signIn.code({ email: k.email });
  await k.until(one, 'what waits, waits in both', (s) => s.stage?.id === 'login_by_code');
};

const passkeys = async (k) => {
  const auth = await k.member('browser');
  k.equal(auth.passkeys.supported(), true, 'the browser has passkeys');
  const adding = auth.account.passkeys.add({ name: 'Laptop' });
  await k.until(auth, 'a proof is asked for', (s) => s.proof);
  await auth.prove.password('violet harbour 7');
  const added = await adding;
  k.equal([added.type, added.name], ['webauthn', 'Laptop'], 'the passkey is made after it');
  await k.fails(auth.account.passkeys.add(), 'already_registered', 'the device has one');
  k.equal((await auth.account.passkeys.rename(added.id, 'Desk')).name, 'Desk', 'it is renamed');

  await auth.signOut();
  k.equal((await auth.signIn.passkey()).status, 'signed_in', 'it signs in');
  await auth.signOut();
  await auth.signIn.password({ email: k.email, password: 'violet harbour 7' });
  k.equal([auth.state.stage.id, auth.state.stage.passkey, auth.state.stage.types.includes('webauthn')], ['mfa_authenticate', 'get', true], 'it is a second factor');
  await auth.step.passkey();
  if (auth.state.stage?.id === 'mfa_trust') await auth.step.submit('mfa_trust', { trust: false });
  k.equal(auth.state.status, 'signed_in', 'and passes as one');

  const stopped = new AbortController();
  stopped.abort();
  await k.fails(auth.prove.passkey({ signal: stopped.signal }), 'cancelled', 'a ceremony can be ended');
  await auth.prove.passkey();

  await auth.signOut();
  k.equal(await auth.passkeys.autofill(), true, 'the browser offers passkeys in fields');
  const filled = auth.signIn.autofill();
  k.equal((await filled).status, 'signed_in', 'a passkey that was picked in a field signs in');

  await auth.prove.password('violet harbour 7');
  const told = [];
  const signal = PublicKeyCredential.signalAllAcceptedCredentials;
  PublicKeyCredential.signalAllAcceptedCredentials = (o) => (told.push(o), signal.call(PublicKeyCredential, o));
  await auth.account.passkeys.remove([added.id]);
  PublicKeyCredential.signalAllAcceptedCredentials = signal;
  k.equal([told.length, told[0].rpId, told[0].allAcceptedCredentialIds], [1, 'localhost', []], 'the browser is told that no key is left');
  k.equal((await auth.account.authenticators()).length, 0, 'it is removed');
  await auth.signOut();
  await k.fails(auth.signIn.passkey(), 'not_allowed', 'the device does not offer it any more');
};

// What waits among the suggestions of a field makes room for another ceremony, and ends when
// somebody signs in otherwise. It runs where nobody answers for the device.
const waits = async (k) => {
  const auth = await k.member('browser');
  await auth.signOut();
  let ended;
  const filled = auth.signIn.autofill().then((s) => (ended = s.status));
  await new Promise((done) => setTimeout(done, 400));
  k.equal(ended, undefined, 'the field waits');
  await auth.signIn.password({ email: k.email, password: 'violet harbour 7' });
  await filled;
  k.equal(ended, 'signed_in', 'it ends with the sign-in');
  await auth.signOut();
  const again = auth.signIn.autofill();
  await new Promise((done) => setTimeout(done, 400));
  const stop = new AbortController();
  const modal = k.fails(auth.signIn.passkey({ signal: stop.signal }), 'cancelled', 'the other one is ended');
  k.equal((await again).status, 'signed_out', 'it makes room without a fault');
  setTimeout(() => stop.abort(), 300);
  await modal;
};

// A page that came with its answers asks for nothing.
const hydrated = async (k) => {
  const first = await k.member('browser');
  const session = await first.request('GET', 'auth/session');
  const config = { status: 200, data: await first.config() };
  const asked = [];
  const auth = createAuth({ url: k.url, session, config, channel: false, fetch: (...a) => (asked.push(a[0]), fetch(...a)) });
  k.equal([auth.state.status, auth.state.user.email], ['signed_in', k.email], 'the state is there at once');
  auth.subscribe(() => {});
  await auth.config();
  k.equal(asked, [], 'nothing was asked');
  await first.signOut();
};

const cases = {
  journey: journey('browser'), account: account('browser'), code: code('browser'), 'app: journey': journey('app'), 'plain: journey': journey('plain'),
  tabs, again, hydrated, 'dpop: key': dpop.key, 'dpop: gone': dpop.gone, 'dpop: alone': dpop.alone,
  'app: bound': bound('app'), 'plain: bound': bound('plain'), 'app: proved journey': proved(journey('app')), ...(query.has('device') ? { passkeys } : { waits }),
};
const said = [];
for (const [name, run] of Object.entries(cases)) {
  const kit = new Kit({ url: query.get('server'), desk: query.get('desk'), createAuth, AuthError, createDPoP });
  try {
    await run(kit);
    said.push(`ok ${name}`);
  } catch (error) {
    said.push(`failed ${name}: ${error.stack}`);
  }
  kit.close();
}
document.querySelector('main').textContent = said.join('\n');
document.body.dataset.done = 'true';
