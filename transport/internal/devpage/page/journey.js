// The journey: whatever is pending, as a form; else the ways in; else the account.
import { call, csrf, data, explain, paths, pending } from './api.js';
import { account } from './account.js';
import { codes } from './authenticator.js';
import { byId, h, kept, words } from './dom.js';
import { form, plain } from './forms.js';
import { look } from './mailbox.js';

let session; // the last answer about who is signed in
let tab; // the way in that was chosen

const steps = [
  ['signup', 'Sign up'],
  ['verify', 'Verify the address'],
  ['login', 'Log in'],
  ['totp', 'Set up TOTP'],
  ['second', 'Log in with a code'],
];

// names of ways in that read better than their ids.
const names = { signup: 'Sign up', login: 'Log in', login_by_code: 'Log in by code', password_reset_request: 'Forgotten password', password_reset_by_code: 'Forgotten password' };

// reached notes a step of the journey, for the line of progress.
export function reached(...ids) {
  kept.set('reached', [...new Set([...(kept.get('reached') ?? []), ...ids])]);
}

// load asks who is signed in. It is quiet but for the first time.
export async function load(quiet = true) {
  session = await call('GET', 'auth/session', undefined, { quiet });
  if (session.status === 200) reached('signup', 'verify', 'login');
  if (session.data?.methods?.some((m) => m.method === 'mfa')) reached('totp', 'second');
}

// choose picks the way in that is shown.
export function choose(id) {
  tab = id;
}

// render shows where the client stands, with a note of what has just happened.
export function render(note) {
  const waits = pending(session);
  const view = session.status === 200 ? account(session) : waits ? waiting(waits) : ways();
  stage(note && h('p', { class: 'note', role: 'status' }, note), ...view);
  frame(waits);
}

// stage fills the stage, and takes the focus along where it was on it.
export function stage(...nodes) {
  const held = byId('stage').contains(document.activeElement);
  byId('stage').replaceChildren(...nodes.filter(Boolean));
  if (held) byId('stage').querySelector('input, button:not([aria-pressed]), [tabindex]')?.focus();
}

// frame shows, around the stage, who is signed in, how far the journey is, and where the
// run waits in the picture of its flow.
function frame(waits) {
  byId('who').textContent = who(waits);
  const done = kept.get('reached') ?? [];
  const next = steps.find(([id]) => !done.includes(id));
  byId('progress').replaceChildren(...steps.map((step) => {
    const state = done.includes(step[0]) ? 'done' : step === next ? 'next' : 'later';
    return h('li', { class: state, 'aria-current': state === 'next' && 'step' }, step[1]);
  }));
  for (const el of document.querySelectorAll('[data-wire].here')) el.classList.remove('here');
  const flow = waits && document.querySelector(`[data-flow="${CSS.escape(kept.get('flow') ?? 'login')}"]`);
  const here = [...(flow?.querySelectorAll(`[data-wire="${CSS.escape(waits.id)}"]`) ?? [])];
  for (const el of here) el.classList.add('here');
  for (const picture of document.querySelectorAll('#flows img')) {
    const src = picture.getAttribute('src').split('?')[0];
    const now = flow?.contains(picture) && here.length ? `${src}?wire=${encodeURIComponent(waits.id)}` : src;
    if (picture.getAttribute('src') !== now) picture.src = now;
  }
}

function who(waits) {
  if (session.status === 200) return `signed in as ${session.data.user.display ?? session.data.user.id}`;
  if (session.status === 0) return 'no connection';
  return waits ? `waiting at ${waits.id}` : 'not signed in';
}

// settle takes an answer that moved the client on. It returns the answer where the form
// that it came from has to show it.
export async function settle(answer, note) {
  look();
  const before = pending(session)?.id;
  const stays = answer.status !== 200 && answer.status !== 401;
  if (answer.status) await load();
  if (stays && pending(session)?.id === before) return answer;
  render(stays ? explain(answer) : note);
  return undefined;
}

// waiting is the form of the stage that waits. A stage of another package has the path
// that every stage has.
function waiting(flow) {
  const known = data.stages[flow.id] ?? { title: words(flow.id), fields: [] };
  const head = [
    h('h3', { tabindex: '-1' }, 'Pending: ', h('code', {}, flow.id)),
    h('p', {}, known.title, flow.types ? ` (${flow.types.map(words).join(', ')})` : ''),
  ];
  if (!plain(known.fields)) return [...head, h('p', { class: 'quiet' }, 'It takes a passkey, which this page has no form for.'), buttons(flow, known)];
  const send = async (body) => {
    const answer = await call('POST', paths.pending[flow.id] ?? `auth/stages/${flow.id}`, body);
    if (flow.id === 'verify_email' && (answer.status === 200 || answer.status === 401)) reached('signup', 'verify');
    return settle(answer, 'That was right.');
  };
  return [
    ...head,
    flow.id === 'verify_email' && known.fields[0]?.type === 'text'
      && h('p', { class: 'quiet' }, 'Open the link in the mailbox, or paste the key it ends with.'),
    form({ fields: known.fields, button: 'Submit', send, fresh: true, extra: buttons(flow, known) }),
    flow.id === 'mfa_authenticate' && codes(),
    h('details', {}, h('summary', {}, 'Start something else instead'), ...ways()),
  ].filter(Boolean);
}

// buttons are what else can be done while a stage waits.
function buttons(flow, known) {
  const button = (text, onclick) => h('button', { type: 'button', class: 'plain', onclick }, text);
  const has = (name) => known.actions?.find((a) => a.name === name);
  const act = async (method, path, body, note) => {
    const left = await settle(await call(method, path, body), note);
    if (left) render(explain(left));
  };
  return [
    has('resend') && button('Send again', () => act('POST', paths.resend[flow.id] ?? `auth/stages/${flow.id}/resend`, {}, 'A new message is on its way.')),
    has('change') && button('Send it elsewhere', () => {
      const send = async (body) => settle(await call('POST', paths.change[flow.id] ?? `auth/stages/${flow.id}/change`, body), 'Changed.');
      stage(h('h3', {}, 'Send it elsewhere'), form({ fields: has('change').fields, button: 'Change', send, extra: button('Back', () => render()) }));
    }),
    button('Cancel', () => act('DELETE', 'auth/session', undefined, 'Cancelled.')),
  ].filter(Boolean);
}

// ways are the ways in, one form at a time.
function ways() {
  const offered = (session.data?.flows ?? []).map((f) => f.id).filter((id) => data.starts[id] && paths.start[id] && plain(data.starts[id].fields));
  if (data.starts.password_reset_request) offered.push('password_reset_request');
  if (offered.length === 0) return [h('p', {}, 'Nothing can be started here.')];
  const chosen = offered.includes(tab) ? tab : (kept.get('reached') ?? []).includes('signup') ? 'login' : 'signup';
  const id = offered.includes(chosen) ? chosen : offered[0];
  const pick = (other) => {
    tab = other;
    render();
    document.querySelector(`[data-tab="${CSS.escape(other)}"]`)?.focus();
  };
  return [
    h('div', { class: 'tabs', role: 'group', 'aria-label': 'ways in' }, offered.map((other) => h('button', {
      type: 'button', 'data-tab': other, 'aria-pressed': String(other === id), onclick: () => pick(other),
    }, names[other] ?? words(other)))),
    start(id),
    providers(),
  ].filter(Boolean);
}

// providers are the third parties, one button each. The contract wants a form here, since
// the browser itself must go there.
function providers() {
  const offered = session.data?.flows?.find((f) => f.id === 'provider_redirect')?.providers ?? [];
  if (offered.length === 0) return undefined;
  const hidden = { process: 'login', callback_url: '/', csrfmiddlewaretoken: csrf() };
  return h('form', { method: 'post', action: `${data.api}auth/provider/redirect`, class: 'providers' },
    Object.entries(hidden).map(([name, value]) => h('input', { type: 'hidden', name, value })),
    h('p', { class: 'buttons' }, offered.map((id) => h('button', { type: 'submit', class: 'plain', name: 'provider', value: id }, `Continue with ${id}`))));
}

function start(id) {
  const send = async (body) => {
    const answer = await call('POST', paths.start[id], body);
    if (answer.status === 200 || answer.status === 401) {
      kept.set('flow', id);
      if (id === 'signup') reached('signup');
    }
    return settle(answer, id === 'password_reset_request' && 'If there is such an account, a letter is on its way.');
  };
  return form({ fields: data.starts[id].fields, button: names[id] ?? words(id), send, fresh: id === 'signup' });
}
