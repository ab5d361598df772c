// The second factor: a passkey or key, a code of an app, a recovery code.
import { auth, features } from './auth.js';
import { h, icon } from './dom.js';
import { action, form } from './form.js';
import { codeField } from './step.js';
import { follow } from './router.js';
import { t } from './texts.js';

// In which order they are offered: what one has at hand first.
const order = ['webauthn', 'totp', 'recovery_codes'];
const marks = { totp: 'code', recovery_codes: 'key', webauthn: 'passkey' };

// factor asks for one of those that the account has: the key first where there is one.
export function factor(stage) {
  const has = stage.types ?? ['totp'];
  const types = order.filter((type) => has.includes(type) && (type !== 'webauthn' || auth.passkeys.supported()));
  const place = h('div', {});
  const show = (type, focus) => {
    place.replaceChildren(h('div', { class: 'stack' },
      h('p', { class: 'lead' }, t(`step.mfa_authenticate.${type}`)), ask(stage, type),
      types.length > 1 && h('div', { class: 'or' }, t('login.or')),
      h('div', { class: 'ways' }, types.filter((other) => other !== type).map((other) => action(
        t(`step.mfa_authenticate.use_${other}`), () => show(other, true), 'plain wide', marks[other])))));
    if (focus) place.querySelector('input, button')?.focus();
  };
  show(types[0] ?? 'totp', false);
  return { title: t('step.mfa_authenticate.title'), body: place };
}

function ask(stage, type) {
  if (type === 'webauthn') {
    return [h('div', { class: 'big' }, icon('passkey')), form({
      'aria-labelledby': 'title', button: t('step.mfa_authenticate.use_webauthn'), mark: 'passkey', submit: async () => follow(await auth.step.passkey()),
    })];
  }
  const field = type === 'totp' ? codeField('code', features.codes.totp)
    : { ...codeField('code', features.codes.recovery), label: t('field.recovery_code'), autocomplete: 'off' };
  return form({ 'aria-labelledby': 'title', fields: [field], button: t('step.continue'), submit: async (values) => follow(await auth.step.submit(stage.id, values)) });
}
