// Second factors and passkeys.
import { again, panel, row, rows, tag } from './account.js';
import { auth, features } from './auth.js';
import { sure } from './confirm.js';
import { h } from './dom.js';
import { action, form } from './form.js';
import { around, ago, day } from './time.js';
import { t } from './texts.js';

const has = features.second_factor;

// security is the page of both.
export async function security() {
  const list = await auth.account.authenticators();
  const find = (type) => list.find((a) => a.type === type);
  const keys = list.filter((a) => a.type === 'webauthn');
  return {
    title: t('security.title'),
    body: [
      h('p', { class: 'lead' }, t('security.about')),
      has.webauthn && passkeys(keys),
      has.totp && panel(t('security.totp'), rows([totp(find('totp'))])),
      has.recovery_codes && (find('recovery_codes') || find('totp') || keys.length > 0) && panel(t('security.codes'), rows([codes(find('recovery_codes'))])),
    ],
  };
}

function totp(have) {
  return row({
    mark: 'code', title: have ? around('security.totp_on', day(have.created_at)) : t('security.totp_off'),
    about: [have ? h('span', { class: 'begins' }, used(have)) : t('security.totp_about')],
    actions: [have ? action(t('security.totp_remove'), () => sure(t('security.totp_remove_title'), t('security.totp_remove_about'), t('security.totp_remove'), async () => {
      await auth.account.totp.remove();
      again(t('security.totp_removed'));
    })) : h('a', { class: 'button plain', href: '/account/security/totp' }, t('security.totp_add'))],
  });
}

function codes(have) {
  const few = have && have.unused_code_count <= 3;
  return row({
    mark: 'key', title: have ? t('security.codes_left', { n: have.unused_code_count, total: have.total_code_count }) : t('security.codes_none'),
    tags: [few && tag(t('security.codes_low'), 'warn')], about: [t('security.codes_about')],
    actions: [h('a', { class: 'button plain', href: '/account/security/codes' }, t(have ? 'security.codes_show' : 'security.codes_make'))],
  });
}

const used = (a) => (a.last_used_at ? around('security.used', ago(a.last_used_at)) : t('security.unused'));

function passkeys(keys) {
  const can = auth.passkeys.supported();
  return panel(t('security.passkeys'), h('p', { class: 'quiet' }, t('security.passkeys_about')),
    keys.length > 0 ? rows(keys.map(passkey)) : h('p', { class: 'empty' }, t('security.passkeys_none')),
    can ? h('div', { class: 'buttons' },
      features.login.passkey && action(t('security.passkey_add'), () => add(true), 'plain', 'passkey'),
      action(t('security.key_add'), () => add(false), features.login.passkey ? 'text' : 'plain', features.login.passkey ? undefined : 'key'))
      : h('p', { class: 'quiet' }, t('security.unsupported')));
}

// add makes a passkey, called after the browser and its system: that can be changed.
export async function add(passwordless) {
  await auth.account.passkeys.add({ passwordless, name: t('security.passkey_name') });
  again(t('security.passkey_added'));
}

function passkey(key) {
  const name = key.name || t('security.passkey_name');
  const line = row({
    mark: 'passkey', title: name, tags: [key.is_passwordless === false && tag(t('security.passkey_only_second'))],
    about: [h('span', { class: 'begins' }, around('security.added', ago(key.created_at))), used(key)],
    actions: [
      action(t('security.passkey_rename'), () => rename(line, key, name)),
      action(t('security.passkey_remove'), () => sure(t('security.passkey_remove_title', { name }), t('security.passkey_remove_about'), t('security.passkey_remove'), async () => {
        await auth.account.passkeys.remove([key.id]);
        again(t('security.passkey_removed', { name }));
      })),
    ],
  });
  return line;
}

// rename puts a form in the place of a passkey's line.
function rename(line, key, name) {
  const edit = h('li', { class: 'row' }, form({
    class: 'inline', fields: [{ name: 'name', label: t('field.passkey_name'), value: name, autocomplete: 'off', maxlength: 100 }], button: t('security.passkey_save'), kind: 'plain',
    below: action(t('confirm.cancel'), () => edit.replaceWith(line), 'text'),
    submit: async (values) => {
      await auth.account.passkeys.rename(key.id, values.name);
      again(t('security.passkey_renamed', values));
    },
  }));
  edit.addEventListener('keydown', (event) => event.key === 'Escape' && edit.replaceWith(line));
  line.replaceWith(edit);
  edit.querySelector('input').select();
}
