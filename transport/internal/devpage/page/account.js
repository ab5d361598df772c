// What a signed-in account can do here: second factors, and signing out.
import { call, data, explain, paths } from './api.js';
import { codes, forget, remember } from './authenticator.js';
import { h, words } from './dom.js';
import { form } from './forms.js';
import { reached, render, settle, stage } from './journey.js';

const button = (text, onclick, kind = 'plain') => h('button', { type: 'button', class: kind, onclick }, text);

// account is the view of who is signed in. The list of authenticators arrives later.
export function account(session) {
  const { user, methods } = session.data;
  const factors = h('div', { class: 'factors', 'aria-busy': 'true' });
  list(factors);
  return [
    h('h3', { tabindex: '-1' }, 'Signed in as ', user.display ?? String(user.id)),
    h('p', { class: 'quiet' }, methods.length === 0 ? 'No authentication is on record: the account is new.' : 'Authenticated by '
      + methods.map((m) => `${words(m.method)}${m.type ? ` (${words(m.type)})` : ''} at ${new Date(m.at * 1000).toLocaleTimeString()}`).join(', ')),
    factors,
    h('p', { class: 'buttons' }, button('Sign out', async () => settle(await call('DELETE', 'auth/session'), 'Signed out.'), '')),
  ];
}

// list shows the authenticators of the account and what can be done about them.
async function list(into) {
  const answer = await call('GET', 'account/authenticators', undefined, { quiet: true });
  const have = Array.isArray(answer.data) ? answer.data : [];
  const totp = have.find((a) => a.type === 'totp');
  const recovery = have.find((a) => a.type === 'recovery_codes');
  if (totp) reached('totp');
  into.removeAttribute('aria-busy');
  into.replaceChildren(
    h('ul', {}, have.map((a) => h('li', {}, h('b', {}, words(a.type)), ` since ${new Date(a.created_at * 1000).toLocaleString()}`,
      a.unused_code_count === undefined ? '' : `, ${a.unused_code_count} of ${a.total_code_count} left`))),
    h('p', { class: 'buttons' }, ...(totp
      ? [button('Remove TOTP', removeTOTP), recovery && button('Show recovery codes', () => showCodes('GET')),
        button('New recovery codes', () => showCodes('POST'))].filter(Boolean)
      : [button('Set up TOTP', () => first('activateTOTP', setUp))])),
  );
}

// proved makes a request. Where the account must first prove again who it is, it asks for
// that and repeats the request, which may take a while or never come to be.
function proved(method, path, body, then) {
  const attempt = async () => {
    const answer = await call(method, path, body);
    const ways = answer.status === 401 && answer.meta?.is_authenticated ? known(answer.data.flows) : [];
    if (ways.length === 0) return then(answer);
    return again(ways, ways[0], attempt);
  };
  return attempt();
}

// known are the ways to prove it that this page has a form for.
const known = (flows) => flows.filter((f) => paths.start[f.id] && data.starts[f.id]);

// first goes on once it is proved who this is, where an operation would ask for that.
async function first(operation, then) {
  const answer = await call('GET', `auth/reauthenticate?for=${operation}`);
  const ways = answer.data?.required ? known(answer.data.flows) : [];
  return ways.length === 0 ? then() : again(ways, ways[0], then);
}

// again asks for a password or a second factor once more.
function again(ways, way, attempt) {
  const send = async (body) => {
    const answer = await call('POST', paths.start[way.id], body);
    if (answer.status !== 200) return answer;
    await attempt();
    return undefined;
  };
  const others = ways.filter((w) => w !== way).map((w) => button(data.starts[w.id].title, () => again(ways, w, attempt)));
  const byCode = way.id === 'reauthenticate_by_code';
  stage(
    h('h3', {}, 'First, once more: ', h('code', {}, way.id)),
    h('p', { class: 'quiet' }, 'What comes next changes who can sign in, and the last proof is missing or too old.'),
    byCode
      ? h('p', { class: 'buttons' }, ...way.recipients.map((to) => button(`Send a code to ${to.email ?? to.phone}`, () => sent(way, to, attempt))), ...others, back())
      : form({ fields: data.starts[way.id].fields, button: data.starts[way.id].title, send, extra: [...others, back()] }),
    way.id === 'mfa_reauthenticate' && codes(),
  );
}

// sent has a code sent to a recipient, and asks for it.
async function sent(way, to, attempt) {
  const asked = await call('POST', paths.start[way.id], to);
  if (asked.status !== 200) return finish(asked);
  const send = async (body) => {
    const answer = await call('POST', paths.pending[way.id], body);
    if (answer.status !== 200) return answer;
    await attempt();
    return undefined;
  };
  stage(
    h('h3', {}, 'The code that was sent to ', h('b', {}, to.email ?? to.phone)),
    form({ fields: [{ name: 'code', type: 'code', required: true, help: 'from the message' }], button: 'Confirm', send, extra: [back()] }),
  );
  return undefined;
}

const back = () => button('Back', () => render());

// finish goes back to the account, with the note or with what went wrong.
async function finish(answer, note) {
  const left = await settle(answer, note);
  if (left) render(explain(left));
}

// setUp shows a new secret and asks for its first code. 404 is the contract's answer for
// "there is none yet, here is a secret".
async function setUp() {
  const answer = await call('GET', 'account/authenticators/totp');
  if (answer.status !== 404 || !answer.meta?.secret) return finish(answer);
  const { secret, totp_url: url } = answer.meta;
  remember(url);
  const send = async (body) => {
    let wrong;
    await proved('POST', 'account/authenticators/totp', body, async (activated) => {
      if (activated.status !== 200) {
        wrong = await settle(activated);
        return;
      }
      reached('totp');
      await settle(activated, 'TOTP is set up. Sign out, and log in again: a code will be asked for.');
    });
    return wrong;
  };
  stage(
    h('h3', {}, 'Set up TOTP'),
    h('div', { class: 'setup' }, await picture(url), h('div', {},
      h('p', {}, 'Scan this with an authenticator app, or type in the secret:'),
      h('p', { class: 'mono secret' }, secret),
      form({ fields: [{ name: 'code', type: 'code', required: true, help: 'what the app shows now' }], button: 'Activate', send, extra: [back()] }))),
    codes(),
  );
  return undefined;
}

// picture is the QR code, drawn by the server.
async function picture(url) {
  const response = await fetch('/dev/qr', { method: 'POST', body: url });
  if (!response.ok) return h('p', { class: 'quiet' }, 'The QR code cannot be drawn.');
  const svg = new DOMParser().parseFromString(await response.text(), 'image/svg+xml').documentElement;
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', 'QR code of the secret');
  svg.classList.add('qr');
  return svg;
}

const removeTOTP = () => proved('DELETE', 'account/authenticators/totp', undefined, async (answer) => {
  if (answer.status === 200) forget();
  await finish(answer, 'TOTP is removed, and the recovery codes with it.');
});

// showCodes shows the recovery codes that are left, or makes new ones.
const showCodes = (method) => proved(method, 'account/authenticators/recovery-codes', method === 'POST' ? {} : undefined, async (answer) => {
  const list = answer.data?.unused_codes;
  if (answer.status !== 200 || !list) {
    await finish(answer, 'The codes were shown once and are not shown again.');
    return;
  }
  stage(h('h3', {}, 'Recovery codes'), h('p', { class: 'quiet' }, 'Each works once where a second factor is asked for.'),
    h('ul', { class: 'codes mono' }, list.map((c) => h('li', {}, c))), h('p', { class: 'buttons' }, back()));
});
