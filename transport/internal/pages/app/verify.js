// Where links and other sites lead: to confirm an address, and back from a sign-in elsewhere.
import { auth } from './auth.js';
import { h, icon, say } from './dom.js';
import { form } from './form.js';
import { kept } from './page.js';
import { asked, follow, go, leave } from './router.js';
import { cancelled, refused, returned, t } from './texts.js';

const login = () => h('div', { class: 'buttons' }, h('a', { class: 'button primary', href: asked('/account/login') }, t('verify.login')));
const mine = () => h('div', { class: 'buttons' }, h('a', { class: 'button primary', href: '/account/email' }, t('verify.account')));

// verify confirms the address of a link's key. To open the page does nothing yet, since
// programs that look through mail open links; but where this browser waits for that address, it
// is the person.
export async function verify(state) {
  const key = history.state?.key;
  let claim;
  try {
    if (key) claim = await auth.email.link(key);
  } catch (error) {
    if (!error.status || error.status >= 500 || error.status === 429) throw error;
  }
  if (!claim) {
    return { title: t('verify.bad_title'), body: [h('p', { class: 'lead' }, t('verify.bad')), state.status === 'signed_in' ? mine() : login()] };
  }
  const confirm = async () => {
    const after = await auth.email.verify(key);
    history.replaceState(null, '');
    done(after, claim.email, claim.user?.has_usable_password === false);
  };
  // A link to somebody else's address would end what waits here, were it followed by itself.
  if (state.status === 'pending' && state.stage.id === 'verify_email' && claim.email.toLowerCase() === kept.get('waits')) {
    kept.set('waits', '');
    await confirm();
    return undefined;
  }
  return {
    title: t('verify.title'),
    body: [h('p', { class: 'lead' }, t('verify.about', { email: claim.email })), form({ 'aria-labelledby': 'title', button: t('verify.button', { email: claim.email }), submit: confirm })],
  };
}

// done goes on: to what else is asked for, into the account, or to sign in: elsewhere, where
// the account has no password.
function done(state, email, elsewhere) {
  if (state.status === 'pending' && state.stage.id !== 'verify_email') return follow(state);
  if (state.status === 'signed_in') {
    say(t('verify.done_in', { email }));
    return leave();
  }
  return go('/account/login', { replace: true, state: { gone: 'verified', email, elsewhere } });
}

// callback is where other sites lead back to from a sign-in.
export function callback(state) {
  const error = returned();
  if (!error) {
    if (state.status === 'signed_in') leave();
    else if (state.status === 'pending') follow(state);
    else go(asked('/account/login'), { replace: true });
    return undefined;
  }
  if (cancelled(error) && state.status === 'signed_out') {
    go(asked('/account/login'), { replace: true, state: { gone: 'cancelled' } });
    return undefined;
  }
  return {
    title: t('callback.title'),
    body: [
      h('div', { class: 'big' }, icon('alert')), h('p', { class: 'lead' }, refused(error)),
      state.status === 'signed_in' ? mine() : h('div', { class: 'buttons' }, h('a', { class: 'button primary', href: asked('/account/login') }, t('callback.again'))),
    ],
  };
}
