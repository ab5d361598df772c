// A forgotten password: asking for a link or a code, and setting a new one by the link's key.
import { auth, features } from './auth.js';
import { h, icon, say } from './dom.js';
import { form } from './form.js';
import { named, who } from './login.js';
import { asked, follow, go, leave } from './router.js';
import { t } from './texts.js';

// forgot asks who somebody is. The answer is the same whether there is such an account.
export function forgot() {
  const byCode = features.password.reset_code;
  const names = ['email', ...(byCode && features.phone.enabled ? ['phone'] : [])];
  const place = h('div', { class: 'stack' });
  const ask = () => place.replaceChildren(h('p', { class: 'lead' }, t(byCode ? 'forgot.about_code' : 'forgot.about_link')), form({
    'aria-labelledby': 'title', fields: [who(names)], button: t(byCode ? 'forgot.button_code' : 'forgot.button_link'),
    submit: async ({ login }) => {
      const to = named(names, login);
      const state = await auth.password.forgot(to);
      if (state.status === 'pending') follow(state, to);
      else sent(place, to);
    },
  }));
  ask();
  return { title: t('forgot.title'), body: [place, home()] };
}

const home = () => h('p', { class: 'foot' }, h('a', { href: asked('/account/login') }, icon('back'), t('forgot.back')));

// sent says where to look now.
function sent(place, to) {
  const text = h('p', { tabindex: '-1' }, t('forgot.sent', { to: to.email ?? to.phone }));
  place.replaceChildren(
    h('div', { class: 'big' }, icon('mail')), text,
    form({
      button: t('forgot.again'), kind: 'plain wide',
      submit: async () => {
        await auth.password.forgot(to);
        say(t('step.resent'));
      },
    }),
  );
  document.getElementById('title').textContent = t('forgot.sent_title');
  text.focus();
}

// reset sets a new password by the key of a link.
export async function reset() {
  const key = history.state?.key;
  let user;
  try {
    if (key) ({ user } = await auth.password.link(key));
  } catch (error) {
    if (!error.status || error.status >= 500 || error.status === 429) throw error;
  }
  if (!user) return bad();
  const name = user.email ?? user.username ?? user.display;
  return {
    title: t('reset.title'),
    body: [name && h('p', { class: 'lead' }, t('reset.of', { who: name })), form({
      'aria-labelledby': 'title', above: nameFor(name), fields: [newPassword('password')], button: t('reset.button'),
      submit: async ({ password }) => {
        const state = await auth.password.reset({ key, password });
        history.replaceState(null, '');
        if (state.status === 'signed_in') leave();
        else if (state.status === 'pending' && state.stage.id !== 'password_reset_by_code') follow(state);
        else go('/account/login', { replace: true, state: { gone: 'reset', email: user.email } });
      },
    }), home()],
  };
}

const bad = () => ({
  title: t('reset.bad_title'),
  body: [h('p', {}, t('reset.bad')), h('div', { class: 'buttons' }, h('a', { class: 'button primary', href: '/account/password/reset' }, t('reset.new_link'))), home()],
});

// nameFor tells password managers whose password a new one is.
export const nameFor = (name) => h('input', { type: 'text', name: 'account', autocomplete: 'username', value: name ?? '', hidden: true, readonly: true });

// newPassword is the field for one.
export const newPassword = (name) => ({
  name, type: 'secret', label: t('field.new_password'), autocomplete: 'new-password', help: t('field.password_help', { n: features.password.min_length }),
});
