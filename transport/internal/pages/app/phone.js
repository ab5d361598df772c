// The number of an account.
import { again, panel, row, rows, tag } from './account.js';
import { auth, features } from './auth.js';
import { h, say } from './dom.js';
import { action, form } from './form.js';
import { again as resend, codeField, put, recipient } from './step.js';
import { t } from './texts.js';

// phone is the page of the number.
export async function phone(state) {
  const number = await auth.account.phone.get();
  const waits = state.stage?.id === 'verify_phone' ? pendingCode(state.stage, () => say(t('phone.done'))) : undefined;
  return {
    title: t('phone.title'),
    body: [
      h('p', { class: 'lead' }, t('phone.about')),
      panel('', number ? rows([row({ mark: 'phone', title: number.phone, tags: [number.verified ? tag(t('phone.verified'), 'good') : tag(t('phone.unverified'), 'warn')] })])
        : h('p', { class: 'empty' }, t('phone.none'))),
      waits ?? panel(t(number ? 'phone.change' : 'phone.add'), form({
        class: 'inline', fields: [{ name: 'phone', label: t('field.phone'), help: t('field.phone_help') }], button: t('phone.button'), kind: 'plain',
        submit: async (values) => {
          const to = values.phone.replace(/[\s()-]/g, '');
          history.replaceState({ to: { phone: to } }, '');
          await auth.account.phone.change(to);
          again();
        },
      })),
    ],
  };
}

// codes are the fields of the stages that a signed-in person may wait at.
const codes = { verify_phone: ['code', 'phone_verification'], verify_email: ['key', 'email_verification'] };

// pendingCode asks for the code of a new number or address. The page is made anew when nothing
// waits any more.
export function pendingCode(stage, done) {
  const [name, format] = codes[stage.id];
  const to = h('b', {}, recipient(stage));
  return panel(t(`step.${stage.id}.title`), h('p', {}, ...put(`step.${stage.id}.code`, to)), form({
    class: 'narrow', fields: [codeField(name, features.codes[format])], button: t('step.continue'), below: action(t('confirm.cancel'), () => auth.step.cancel(), 'text'),
    submit: async (values) => {
      await auth.step.submit(stage.id, values);
      done(to.textContent);
    },
  }), resend(stage, to));
}
