// The addresses of an account.
import { again, panel, row, rows, tag } from './account.js';
import { auth, features } from './auth.js';
import { sure } from './confirm.js';
import { h, say } from './dom.js';
import { action, form } from './form.js';
import { page } from './page.js';
import { pendingCode } from './phone.js';
import { t } from './texts.js';

const { emails } = auth.account;

// email is the page of addresses.
export async function email(state) {
  const list = await emails.list();
  const waits = state.stage?.id === 'verify_email' ? pendingCode(state.stage, (to) => say(t('verify.done_in', { email: to }))) : undefined;
  const most = features.email.max_addresses;
  const one = most === 1;
  // A second factor and an address that is not confirmed yet do not go together, but for a code.
  const blocked = page.email_alone && (await auth.account.authenticators()).some((a) => a.type !== 'recovery_codes');
  return {
    title: t('email.title'),
    body: [
      h('p', { class: 'lead' }, t('email.about')),
      waits,
      panel('', list.length > 0 ? rows(list.map((e) => address(e, list.length, one))) : h('p', { class: 'empty' }, t('email.none'))),
      blocked ? panel(t(one ? 'email.change' : 'email.add'), h('p', { class: 'quiet' }, t('email.blocked')),
        h('p', { class: 'quiet' }, t('email.blocked_do'), ' ', h('a', { href: '/account/security' }, t('nav.security'))))
        : most > 1 && list.length >= most ? h('p', { class: 'quiet' }, t('email.most'))
          : panel(t(one ? 'email.change' : 'email.add'), form({
          class: 'inline', fields: [{ name: 'email', label: t('field.email'), autocomplete: 'email' }], button: t(one ? 'email.change_button' : 'email.add_button'), kind: 'plain',
          submit: async ({ email: added }) => {
            await emails.add(added);
            again(t('email.added', { email: added }));
          },
        })),
    ],
  };
}

function address({ email: at, verified, primary }, count, one) {
  return row({
    mark: 'mail', title: at,
    tags: [primary && tag(t('email.primary'), 'accent'), verified ? tag(t('email.verified'), 'good') : tag(t('email.unverified'), 'warn')],
    actions: [
      !verified && action(t('email.resend'), async () => {
        await emails.resend(at);
        again(t('email.resent', { email: at }));
      }),
      verified && !primary && action(t('email.make_primary'), async () => {
        await emails.primary(at);
        again(t('email.made_primary', { email: at }));
      }),
      count > 1 && (!primary || one) && action(t('email.remove'), () => sure(t('email.remove_title', { email: at }), t('email.remove_about'), t('email.remove'), async () => {
        await emails.remove(at);
        again(t('email.removed', { email: at }));
      })),
    ],
  });
}
