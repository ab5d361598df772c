// After a sign-up: a passkey and an authenticator app, one after the other.
import { auth, features } from './auth.js';
import { h, icon } from './dom.js';
import { action } from './form.js';
import { finish, go } from './router.js';
import { setUp } from './totp.js';
import { t } from './texts.js';

// secure offers what the account does not have yet.
export async function secure() {
  const list = await auth.account.authenticators();
  const has = (type) => list.some((a) => a.type === type);
  const can = features.second_factor;
  const place = h('div', { class: 'secure' });
  const steps = [
    can.webauthn && auth.passkeys.supported() && { key: 'passkey', mark: 'passkey', done: has('webauthn'), start: makePasskey },
    can.totp && { key: 'totp', mark: 'code', done: has('totp'), start: makeTOTP },
  ].filter(Boolean);
  if (steps.every((s) => s.done)) return finish();
  let made = false; // something was switched on here
  const draw = (focus) => {
    const next = steps.find((s) => !s.done);
    place.replaceChildren(...steps.map((s) => item(s, s === next)), h('div', { class: 'buttons' }, next
      ? action(t('secure.skip'), () => (made ? end() : finish()), 'text') : action(t('secure.finish'), () => end(), 'primary')));
    if (focus) place.querySelector('button, input')?.focus();
  };
  const end = () => (has('recovery_codes') || !can.recovery_codes || !steps.some((s) => s.done) ? finish() : go('/account/security/codes', { replace: true }));
  const item = (s, next) => {
    const body = h('div', { class: 'what' }, h('h2', {}, t(`secure.${s.key}`), s.done && h('span', { class: 'tag good' }, icon('check'), t('secure.done'))),
      !s.done && h('p', { class: 'quiet' }, t(`secure.${s.key}_about`)));
    const later = async () => {
      s.done = made = true;
      draw(true);
    };
    if (!s.done) body.append(h('div', { class: 'buttons' }, action(t(`secure.${s.key}_button`), () => s.start(body, later), next ? 'primary' : 'plain', s.mark)));
    return h('section', { class: s.done ? 'panel done' : 'panel' }, icon(s.mark, 'mark'), body);
  };
  draw(false);
  return { title: t('secure.title'), body: [h('p', { class: 'lead' }, t(steps.length === 1 ? 'secure.about_one' : 'secure.about')), place] };
}

async function makePasskey(_, done) {
  await auth.account.passkeys.add({ passwordless: features.login.passkey, name: t('security.passkey_name') });
  await done();
}

// makeTOTP shows the QR code in the place of the button.
async function makeTOTP(body, done) {
  const form = await setUp(done);
  body.querySelector('.buttons').replaceWith(form);
  form.querySelector('input').focus();
}
