// Signing in: by a password, a passkey, a code, or another site.
import { auth, config, features } from './auth.js';
import { h, icon, say } from './dom.js';
import { action, form, wrong } from './form.js';
import { kept, page } from './page.js';
import { asked, back, follow } from './router.js';
import { t } from './texts.js';

// login is the page to sign in on; by is code where a code is to be sent instead.
export function login(state, by = 'password') {
  const ceremony = new AbortController();
  if (features.login.passkey && by === 'password') offer(ceremony.signal);
  const password = by === 'password' && methods().length > 0;
  const elsewhere = history.state?.elsewhere && providers().length > 0; // without a password there is nothing to fill in
  const ways = others(by, password, elsewhere);
  return {
    title: t(by === 'code' ? 'code.title' : 'login.title'),
    leave: () => ceremony.abort(),
    body: [
      h('p', { class: 'lead' }, by === 'code' ? t('code.about') : t('login.to', { site: page.title })),
      told(),
      elsewhere && [ways, or()],
      password ? passwordForm() : by === 'code' && codeForm(),
      !elsewhere && ways && [(password || by === 'code') && or(), ways],
      features.signup.open && h('p', { class: 'foot' }, t('login.no_account'), ' ', h('a', { href: asked('/account/signup') }, t('login.signup'))),
    ],
  };
}

// told says what has happened before one came here.
function told() {
  const { gone, email, elsewhere } = history.state ?? {};
  if (gone === 'expired') return h('p', { class: 'alert info' }, icon('clock'), h('span', {}, t('login.expired')));
  if (gone === 'verified') return h('p', { class: 'alert good' }, icon('check'), h('span', {}, t(elsewhere ? 'verify.done_elsewhere' : 'verify.done', { email })));
  if (gone === 'reset') return h('p', { class: 'alert good' }, icon('check'), h('span', {}, t('reset.done')));
  if (gone === 'cancelled') return h('p', { class: 'alert info', role: 'status' }, t('callback.cancelled'));
  return undefined;
}

const or = () => h('div', { class: 'or' }, t('login.or'));

// methods are the names that people sign in with.
const methods = () => config.account?.login_methods ?? ['email'];

// Who somebody is, as they have typed it on one page of these: it is there on the next one.
let typed = '';
const fits = (names) => names.includes('username') || Object.keys(named(['email', 'username', 'phone'], typed)).every((name) => names.includes(name));

// who is the field for one of several names.
export function who(names, value = fits(names) ? typed : '') {
  typed = value || typed;
  const called = names.map((name) => t(`field.login_${name}`));
  const label = called.length === 1 ? called[0]
    : t('field.login_or', { first: called.slice(0, -1).join(', '), last: called.at(-1).toLowerCase() });
  const only = names.length === 1 ? names[0] : '';
  return {
    name: 'login', label, aliases: ['email', 'username', 'phone'], value, autocapitalize: 'none', autocomplete: 'username', oninput: (event) => { typed = event.target.value.trim(); },
    type: { email: 'email', phone: 'tel' }[only] ?? 'text', inputmode: { email: 'email', phone: 'tel' }[only],
  };
}

// named says which of the names somebody has typed.
export function named(names, text) {
  const plain = text.replace(/[\s()-]/g, '');
  if (names.length === 1) return { [names[0]]: names[0] === 'phone' ? plain : text };
  if (names.includes('email') && text.includes('@')) return { email: text };
  if (names.includes('phone') && /^\+?\d{6,}$/.test(plain)) return { phone: plain };
  return { [names.includes('username') ? 'username' : names[0]]: text };
}

function passwordForm() {
  const forgot = h('a', { href: asked('/account/password/reset') }, t('login.forgot'));
  const names = methods();
  const tried = page.sample && kept.get('sample');
  return form({
    'aria-labelledby': 'title',
    fields: [
      { ...who(names, history.state?.email ?? (tried || undefined)), autocomplete: 'username webauthn' },
      { name: 'password', label: t('field.password'), aside: forgot, value: tried && page.sample.password },
    ],
    button: t('login.button'),
    submit: async ({ login: text, password }) => {
      const name = named(names, text);
      const state = await auth.signIn.password({ ...name, password });
      typed = '';
      follow(state, name, true);
      if (state.status === 'signed_in' && features.second_factor.passkey_upgrade) upgrade();
    },
  });
}

// upgrade has the browser make a passkey of what it has just filled in, if it will. Nothing is shown
// of it, nor of why it would not.
const upgrade = () => auth.account.passkeys.upgrade({ name: t('security.passkey_name') }).catch(() => {});

function codeForm() {
  const names = methods().filter((name) => name !== 'username');
  const to = names.length > 0 ? names : ['email'];
  return form({
    'aria-labelledby': 'title', fields: [who(to, typed ? undefined : history.state?.email ?? ((page.sample && kept.get('sample')) || undefined))], button: t('code.button'),
    submit: async ({ login: text }) => {
      const name = named(to, text);
      follow(await auth.signIn.code(name), name);
    },
  });
}

// others are the ways in besides.
function others(by, password, elsewhere) {
  const ways = [
    features.login.passkey && auth.passkeys.supported() && action(t('login.passkey'), async () => follow(await auth.signIn.passkey()), 'plain wide', 'passkey'),
    by === 'password' && features.login.code && h('a', { class: 'button plain wide', href: asked('/account/code') }, icon('mail'), t('login.code')),
    by === 'code' && methods().length > 0 && h('a', { class: 'button plain wide', href: asked('/account/login') }, icon('lock'), t('code.password')),
    ...(elsewhere ? [] : providers()),
  ].filter(Boolean);
  if (elsewhere) ways.unshift(...providers(true));
  if (ways.length === 0) return password || by === 'code' ? undefined : h('p', {}, t('login.closed'));
  return h('div', { class: 'ways' }, ways);
}

// providers are the buttons of other sites: first, where one goes on with one of them.
export function providers(first = false) {
  const list = (config.socialaccount?.providers ?? []).filter((p) => p.flows?.includes('provider_redirect')).map((p) => action(
    t('provider.with', { name: p.name }), () => auth.signIn.provider(p.id, { callback: back(), process: 'login' }), 'plain wide', 'link'));
  if (first) list[0]?.setAttribute('data-first', '');
  return list;
}

// offer has the browser offer passkeys where the name is typed in.
async function offer(signal) {
  try {
    if (await auth.passkeys.autofill()) follow(await auth.signIn.autofill({ signal }));
  } catch (error) {
    // A passkey that the server refused is told; that nobody has picked one is not.
    if (error.status) say(wrong(error), 'bad');
  }
}
