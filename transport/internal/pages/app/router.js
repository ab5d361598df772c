// Where one is: paths of this page, moved between without loading it anew.
import { features } from './auth.js';
import { kept, page } from './page.js';

// next is where people go once they are signed in. What came in the address was judged by the
// server: anything else than a page of a trusted origin is left out.
let { next } = page;

// go moves to another path of this page.
export function go(path, { replace = false, state = null } = {}) {
  history[replace ? 'replaceState' : 'pushState'](state, '', path);
  dispatchEvent(new Event('moved'));
}

// towards is the page of signing in that is at path, to come back to another one.
export function towards(path, back) {
  next = back;
  return asked(path);
}

// asked keeps what the address asks for, as one walks from sign-in to sign-up and back.
export const asked = (path) => (next ? `${path}?next=${encodeURIComponent(next)}` : path);

// began remembers that somebody signs up: who is new is offered to secure the account.
export const began = () => kept.set('fresh', 'yes');

// back is where a provider leads back to.
export const back = () => new URL(asked('/account/provider/callback'), location.origin).href;

// leave goes where people go once they are signed in.
export function leave() {
  const factors = features.second_factor;
  kept.set('known', 'yes');
  if (kept.get('fresh') && (factors.totp || factors.webauthn)) {
    kept.set('fresh', '');
    go(asked('/account/secure'), { replace: true });
    return;
  }
  finish();
}

// finish goes on to what was asked for in the first place: once, since the page stays for a
// moment after it was left.
let left = false;
export function finish() {
  if (left) return;
  const to = next || page.after_login || '/account/';
  next = '';
  if (to.startsWith('/account/') || to === '/') go(to === '/' ? '/account/' : to, { replace: true });
  else {
    left = true;
    location.assign(to);
  }
}

// Who comes back to the page as it was may leave it again.
addEventListener('pageshow', () => { left = false; });

// follow goes where a state belongs that an action has led to. to is where something was sent
// to: {email, phone}. The entry of the history keeps it, for this window alone.
// Who entered has an account already, and may have got the letter before.
export function follow(state, to, entered = false) {
  if (state.status === 'pending' && to?.email) kept.set('waits', to.email.toLowerCase());
  const here = location.pathname === '/account/step';
  if (state.status === 'pending' && !(here && !to)) go(asked('/account/step'), { replace: here, state: { to: to ?? history.state?.to, entered } });
  else if (state.status === 'pending') dispatchEvent(new Event('moved'));
  else if (state.status === 'signed_in') dispatchEvent(new Event('moved')); // the pages of signing in are left by themselves
}

// decoded is a part of a path as the server reads it. What is no UTF-8 is no key of ours, whatever
// it is called.
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

// taken takes the key of a link out of the address, where others may see it. The entry in the
// history keeps it, so that the page can be loaded again.
export function taken(prefix) {
  const path = location.pathname;
  if (path.startsWith(`${prefix}/`) && path.length > prefix.length + 1) {
    history.replaceState({ key: decoded(path.slice(prefix.length + 1)) }, '', prefix);
  }
  return history.state?.key ?? '';
}
