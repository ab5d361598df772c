// The pages of a signed-in person: what is around them, and the first of them.
import { auth, config, features } from './auth.js';
import { h, icon, say } from './dom.js';
import { action } from './form.js';
import { t } from './texts.js';

const factors = () => features.second_factor.totp || features.second_factor.webauthn;

// pages are those that there are, by what is switched on.
const pages = () => [
  ['/account', 'overview', 'home'],
  ['/account/email', 'email', 'mail'],
  features.phone.enabled && ['/account/phone', 'phone', 'phone'],
  ['/account/password', 'password', 'lock'],
  factors() && ['/account/security', 'security', 'shield'],
  config.socialaccount?.providers?.length > 0 && ['/account/providers', 'providers', 'link'],
  ['/account/sessions', 'sessions', 'devices'],
].filter(Boolean);

// frame shows what is around the page of a path.
export function frame(path, state) {
  const name = state.user.display ?? state.user.email ?? state.user.username ?? '';
  document.getElementById('who').replaceChildren(h('span', { class: 'name' }, name), action(t('nav.out'), out, 'text', 'out'));
  const nav = document.getElementById('nav');
  nav.setAttribute('aria-label', t('nav.label'));
  nav.replaceChildren(h('ul', {}, pages().map(([to, key, mark]) => h('li', {}, h('a', {
    href: to, 'aria-current': to === path ? 'page' : to !== '/account' && path.startsWith(to) ? 'true' : undefined,
  }, icon(mark), h('span', {}, t(`nav.${key}`)))))));
  center();
}

// center has the page where one is in sight, where there is no room for all.
const center = () => document.querySelector('#nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
addEventListener('resize', center);

async function out() {
  const { logoutUrl } = await auth.signOut();
  if (logoutUrl) location.assign(logoutUrl);
  else say(t('out.done'));
}

// panel is a part of a page, with a heading of its own.
export const panel = (title, ...body) => h('section', { class: 'panel' }, title && h('h2', {}, title), body);

// rows is a list of things with what can be done about each.
export const rows = (list) => h('ul', { class: 'rows' }, list);

// row is one of them.
export function row({ mark, title, tags = [], about = [], actions = [] }) {
  return h('li', { class: 'row' },
    mark && icon(mark, 'mark'),
    h('div', { class: 'what' }, h('p', { class: 'row-title' }, h('b', {}, title), tags), about.length > 0 && h('p', { class: 'quiet' }, join(about))),
    actions.some(Boolean) && h('div', { class: 'do' }, actions));
}

const join = (list) => list.filter(Boolean).flatMap((part, i) => (i === 0 ? [part] : [' · ', part]));

// tag is a word or two about a thing.
export const tag = (text, kind = '') => h('span', { class: `tag ${kind}` }, text);

// again makes the page anew, with what is told at its foot.
export function again(text) {
  if (text) say(text);
  dispatchEvent(new Event('again'));
}

// overview is the first page.
export async function overview(state) {
  const [emails, authenticators, sessions, phone, providers] = await Promise.all([
    auth.account.emails.list(), factors() ? auth.account.authenticators() : [], auth.account.sessions.list(),
    features.phone.enabled ? auth.account.phone.get() : null, config.socialaccount?.providers?.length > 0 ? auth.account.providers.list() : [],
  ]);
  const says = { email: address(emails), phone: phone?.phone ?? t('overview.phone_none'), security: secured(authenticators),
    password: t(state.user.has_usable_password === false ? 'overview.password_none' : 'overview.password_set'),
    providers: providers.map((p) => p.provider.name).join(', ') || t('overview.providers_none'),
    sessions: sessions.length === 1 ? t('overview.sessions_one') : t('overview.sessions', { n: sessions.length }) };
  const open = factors() && !authenticators.some((a) => a.type !== 'recovery_codes');
  return {
    title: t('overview.title', { name: state.user.display ?? '' }),
    body: [
      h('p', { class: 'lead' }, t('overview.about')),
      open && h('div', { class: 'suggest' }, icon('shield'), h('p', {}, t('overview.suggest')), h('a', { class: 'button primary', href: '/account/secure' }, t('overview.secure'))),
      h('ul', { class: 'rows tiles' }, pages().slice(1).map(([to, key, mark]) => h('li', {}, h('a', { class: 'row', href: to },
        icon(mark, 'mark'), h('div', { class: 'what' }, h('p', { class: 'row-title' }, h('b', {}, t(`nav.${key}`))), h('p', { class: 'quiet' }, says[key])), icon('next'))))),
    ],
  };
}

function address(emails) {
  const first = emails.find((e) => e.primary) ?? emails[0];
  if (!first) return t('overview.email_none');
  return first.verified ? first.email : t('overview.email_unverified', { email: first.email });
}

function secured(authenticators) {
  const keys = authenticators.filter((a) => a.type === 'webauthn').length;
  const words = [
    authenticators.some((a) => a.type === 'totp') && t('overview.factor_totp'),
    keys === 1 && t('overview.factor_webauthn_one'), keys > 1 && t('overview.factor_webauthn', { n: keys }),
  ].filter(Boolean).join(', ');
  return words ? words.charAt(0).toUpperCase() + words.slice(1) : t('overview.factors_none');
}
