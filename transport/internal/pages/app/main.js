// The page: it shows what belongs to the path and to where one stands, and moves on when
// either changes.
import { auth } from './auth.js';
import { h, hush, say } from './dom.js';
import { action, wrong } from './form.js';
import { login } from './login.js';
import { kept, page } from './page.js';
import * as router from './router.js';
import { cancelled, refused, returned, t } from './texts.js';

// A view is a function of the state: {title, body, leave}. leave ends what it began. Those that
// are not needed at first are loaded when they are.
const account = (file, name) => ({ signedIn: true, view: async (s) => (await import(file))[name](s), load: () => import(file) });
const open = (file, name) => ({ view: async (s) => (await import(file))[name](s), load: () => import(file) });
const entry = (route) => ({ ...route, entry: true });

const routes = {
  '/': entry({ view: start }),
  '/account/login': entry({ view: login }),
  '/account/code': entry({ view: (s) => login(s, 'code') }),
  '/account/signup': entry(open('./signup.js', 'signup')),
  '/account/step': entry(open('./step.js', 'step')),
  '/account/password/reset': open('./forgot.js', 'forgot'),
  '/account/password/reset/key': open('./forgot.js', 'reset'),
  '/account/verify-email': open('./verify.js', 'verify'),
  '/account/provider/callback': open('./verify.js', 'callback'),
  '/account': account('./account.js', 'overview'),
  '/account/secure': { ...account('./secure.js', 'secure'), card: true },
  '/account/email': account('./email.js', 'email'),
  '/account/phone': account('./phone.js', 'phone'),
  '/account/password': account('./password.js', 'password'),
  '/account/security': account('./security.js', 'security'),
  '/account/security/totp': account('./totp.js', 'totp'),
  '/account/security/codes': account('./codes.js', 'codes'),
  '/account/providers': account('./providers.js', 'providers'),
  '/account/sessions': account('./sessions.js', 'sessions'),
};

const keyed = ['/account/verify-email', '/account/password/reset/key'];
const clean = (path) => (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);
const main = document.getElementById('main');
let shown; // what is shown: the path and what of the state it depends on
let left = () => {}; // ends the view that is shown
let wasIn = false; // somebody was signed in when it was shown

// start is the first page: to sign in; in development, where nobody has signed in with this
// browser yet, to sign up.
async function start(state) {
  if (!page.sample || kept.get('known')) return login(state);
  return (await import('./signup.js')).signup(state);
}

// place finds the route of the path, after a move to another where one does not belong here.
function place(state) {
  const path = clean(location.pathname);
  const route = routes[path];
  if (!route) return { path, route: { view: lost } };
  const signedIn = state.status === 'signed_in';
  if (route.signedIn && !signedIn) {
    // Who has signed out does not want to come back to where they were; all others do.
    const out = wasIn && !state.expired;
    const to = state.status === 'pending' ? '/account/step' : '/account/login';
    history.replaceState({ gone: state.expired ? 'expired' : '' }, '', out ? to : router.towards(to, location.pathname + location.search));
    return place(state);
  }
  if (route.entry && signedIn) return router.leave();
  if (path === '/' && state.status === 'pending') return router.go(router.asked('/account/step'), { replace: true });
  if (path === '/account/step' && state.status === 'signed_out') return router.go(router.asked('/account/login'), { replace: true });
  return { path, route };
}

// what tells of a state whether the view must be made anew.
function depends(state) {
  const stage = state.status === 'signed_in' && state.stage?.id === 'reauthenticate_by_code' ? '' : state.stage?.id; // that is asked for in a dialog
  return [state.status, state.user?.id, stage].join(' ');
}

// render shows what belongs here; again makes it anew.
async function render(again = false) {
  const state = auth.state;
  if (state.status === 'loading') return;
  const here = state.status === 'unavailable' ? { path: 'down', route: { view: down } } : place(state);
  if (!here) return;
  const { path, route } = here;
  const { with: by, gone, entered, to } = history.state ?? {};
  const wanted = [path, depends(state), by, gone, entered, to?.email, to?.phone].join(' ');
  if (wanted === shown && again !== true) return;
  const first = shown === undefined;
  shown = wanted;
  wasIn = state.status === 'signed_in';
  main.setAttribute('aria-busy', 'true');
  let view;
  try {
    view = await route.view(state);
  } catch (error) {
    // Who gives up what a page needs a proof for goes to the page that leads there.
    if (error.code === 'cancelled' && shown === wanted) return router.go(path.replace(/\/[^/]*$/, ''), { replace: true });
    view = failed(error);
  }
  if (shown !== wanted) {
    view?.leave?.();
    return;
  }
  if (!view) return;
  left();
  left = view.leave ?? (() => {});
  await frame(route, path, state);
  document.title = `${view.title} – ${page.title}`;
  main.replaceChildren(h('h1', { tabindex: '-1', id: 'title' }, view.title), ...[view.body].flat(Infinity).filter(Boolean));
  main.removeAttribute('aria-busy');
  document.body.dataset.ready = path;
  attend(first, again === true);
  idle(() => fetchOthers(state.status === 'signed_in'));
}

const idle = globalThis.requestIdleCallback ?? ((work) => setTimeout(work, 500));

// fetchOthers has the modules of the pages that can come next ready, once one stands: those to
// sign in, or those of the account.
const fetched = new Set();
function fetchOthers(signedIn) {
  if (fetched.has(signedIn)) return;
  fetched.add(signedIn);
  const modules = Object.values(routes).filter((route) => Boolean(route.signedIn) === signedIn).map((route) => route.load);
  if (signedIn) modules.push(() => import('./prove.js'));
  for (const load of modules) load?.().catch(() => {}); // it is tried again when it is needed
}

// frame shows what is around a view: nothing but the name of the site, or the account's pages.
async function frame(route, path, state) {
  const inside = Boolean(route.signedIn && !route.card);
  document.body.className = inside ? 'account' : 'card';
  if (inside) (await import('./account.js')).frame(path, state);
}

// attend puts the focus where one goes on: into the only field of a card, or into the first of
// several, where that opens no keyboard on the screen; else on the heading. A page that was just loaded stays as it is
// but for that.
function attend(first, again) {
  if (again && main.contains(document.activeElement)) return;
  const fields = document.body.className === 'card' ? [...main.querySelectorAll('input:not([type=checkbox]):not([hidden])')] : [];
  const field = main.querySelector('[data-first]')
    ?? (fields.length === 1 ? fields[0] : matchMedia('(pointer: coarse)').matches ? undefined : fields.find((i) => !i.value));
  if (field) field.focus();
  else if (!first) document.getElementById('title').focus({ preventScroll: true });
  if (!first && !again) scrollTo(0, 0);
}

// lost is what stands where there is nothing.
const lost = () => ({ title: t('lost.title'), body: [h('p', { class: 'lead' }, t('lost.about')), h('div', { class: 'buttons' }, h('a', { class: 'button primary', href: '/account/' }, t('lost.home')))] });

// down is what stands while the server cannot be reached.
const down = () => ({ title: t('down.title'), body: [h('p', { class: 'lead' }, t('down.about')), h('div', { class: 'buttons' }, action(t('down.again'), () => auth.load(), 'primary'))] });

// failed is what stands where a page could not be made.
function failed(error) {
  // A module that is gone was replaced: the page as it is now names the one that came after it.
  const again = action(t('down.again'), () => (error.name === 'AuthError' ? render(true) : location.reload()), 'primary');
  return { title: t('down.title'), body: [h('p', { class: 'lead' }, wrong(error)), h('div', { class: 'buttons' }, again)] };
}

// prove asks once more who it is, where an action waits for that.
let proving = false;
async function prove(state) {
  if (proving || state.status !== 'signed_in' || !state.proof) return;
  proving = true;
  try {
    await (await import('./prove.js')).prove();
  } finally {
    proving = false;
  }
}

// Links to other paths of this page are followed without loading it anew.
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.download || link.origin !== location.origin || !routes[clean(link.pathname)]) return;
  event.preventDefault();
  router.go(link.pathname + link.search);
});

for (const prefix of keyed) router.taken(prefix);
const error = returned();
if (error && routes[clean(location.pathname)]?.signedIn) {
  // A provider led back to a page of the account, without what was to be done there.
  history.replaceState(null, '', location.pathname);
  say(refused(error), cancelled(error) ? 'info' : 'bad');
}
addEventListener('again', () => render(true));
addEventListener('popstate', () => render());
// A page that the back button brings out of the browser's memory stands as it was left: with the
// button busy that led away.
addEventListener('pageshow', (event) => event.persisted && render(true));
addEventListener('moved', () => render());
let who; // whom what is told at the foot of the window is for
auth.subscribe((state) => {
  if (who !== undefined && who !== depends(state)) hush();
  who = depends(state);
  render();
  prove(state);
});
