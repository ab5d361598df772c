// The password of an account.
import { again, panel } from './account.js';
import { auth } from './auth.js';
import { h } from './dom.js';
import { form } from './form.js';
import { nameFor, newPassword } from './forgot.js';
import { t } from './texts.js';

// password is the page to change it, or to set the first.
export function password({ user }) {
  const has = user.has_usable_password !== false;
  return {
    title: t('password.title'),
    body: [
      h('p', { class: 'lead' }, t(has ? 'password.about' : 'password.about_none')),
      panel('', form({
        'aria-labelledby': 'title', class: 'narrow', above: nameFor(user.email ?? user.username ?? user.display),
        fields: [has && { name: 'current_password', type: 'secret', label: t('field.current_password'), autocomplete: 'current-password' }, newPassword('new_password')].filter(Boolean),
        button: t(has ? 'password.button' : 'password.button_set'),
        submit: async (values) => {
          await auth.password.change(values);
          again(t(has ? 'password.done' : 'password.done_set'));
        },
      })),
    ],
  };
}
