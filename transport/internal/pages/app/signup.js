// Making an account: by a password, by a passkey, or by another site.
import { auth, features } from './auth.js';
import { h, icon } from './dom.js';
import { form } from './form.js';
import { providers } from './login.js';
import { kept, page } from './page.js';
import { asked, began, follow } from './router.js';
import { t } from './texts.js';

// signup is the page to sign up on. Which of the two ways is asked for stands in the entry of
// the history, so that the back button goes from one to the other.
export function signup() {
  const byPasskey = features.signup.passkey && auth.passkeys.supported() && history.state?.with === 'passkey';
  return {
    title: t('signup.title'),
    body: [
      page.title && h('p', { class: 'lead' }, t('login.to', { site: page.title })),
      features.signup.open ? [accountForm(byPasskey), ways(byPasskey)] : h('p', {}, t('signup.closed')),
      h('p', { class: 'foot' }, t('signup.have'), ' ', h('a', { href: asked('/account/login') }, t('signup.login'))),
    ],
  };
}

// accountForm asks for what the server wants to know.
function accountForm(byPasskey) {
  const fields = features.signup.fields.filter((f) => !(byPasskey && f.name === 'password')).map(asField);
  return form({
    'aria-labelledby': 'title', fields, button: t('signup.button'), mark: byPasskey ? 'passkey' : undefined,
    above: byPasskey && h('p', {}, t('signup.passkey_next')),
    submit: async (values) => {
      const filled = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
      if (filled.phone) filled.phone = filled.phone.replace(/[\s()-]/g, '');
      began();
      if (page.sample) kept.set('sample', filled.email ?? filled.username ?? filled.phone);
      const { email, phone } = filled;
      follow(await (byPasskey ? auth.signUp.passkey(filled) : auth.signUp.password(filled)), { email, phone });
    },
  });
}

// asField describes a field of the sign-up.
export function asField({ name, required }) {
  const more = {
    email: { autocomplete: 'email' },
    phone: { help: t('field.phone_help') },
    password: { autocomplete: 'new-password', help: t('field.password_help', { n: features.password.min_length }) },
  }[name];
  return { name, label: t(`field.${name}`), required, value: page.sample?.[name], ...more };
}

// ways are the other ways to make an account.
function ways(byPasskey) {
  const swap = (to, text, mark) => {
    const button = h('button', { type: 'button', class: 'plain wide' }, icon(mark), h('span', {}, text));
    button.addEventListener('click', () => {
      history.pushState({ with: to }, '', location.href);
      dispatchEvent(new Event('again'));
    });
    return button;
  };
  const list = [
    features.signup.passkey && auth.passkeys.supported() && (byPasskey
      ? swap('password', t('signup.password'), 'lock') : swap('passkey', t('signup.passkey'), 'passkey')),
    ...(features.signup.provider ? providers() : []),
  ].filter(Boolean);
  return list.length > 0 && [h('div', { class: 'or' }, t('login.or')), h('div', { class: 'ways' }, list)];
}
