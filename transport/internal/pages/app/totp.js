// Setting up an authenticator app.
import { panel } from './account.js';
import { auth, features } from './auth.js';
import { drawing, h, say } from './dom.js';
import { action, form } from './form.js';
import { page } from './page.js';
import { first } from './prove.js';
import { go } from './router.js';
import { codeField } from './step.js';
import { t } from './texts.js';

// totp is a page of its own. It leads to the recovery codes, where there are such.
export async function totp() {
  return {
    title: t('totp.title'),
    body: panel('', await setUp(() => go(features.second_factor.recovery_codes ? '/account/security/codes' : '/account/security', { replace: true }))),
  };
}

// setUp shows the secret, as a picture and as text, and asks for a first code.
export async function setUp(done) {
  await first('ActivateTOTP');
  const { secret, totp_url: url } = await auth.account.totp.offer();
  const grouped = secret.replace(/(.{4})(?=.)/g, '$1 ');
  return h('div', { class: 'setup' },
    await picture(url),
    h('div', {},
      h('p', {}, t('totp.scan')),
      h('p', { class: 'quiet' }, t('totp.type')),
      h('p', { class: 'secret' }, h('code', {}, grouped), action(t('totp.copy'), async () => {
        await navigator.clipboard.writeText(secret);
        say(t('codes.copied'));
      }, 'text')),
      h('p', {}, t('totp.then')),
      form({
        'aria-labelledby': 'title', fields: [codeField('code', features.codes.totp)], button: t('totp.button'),
        submit: async ({ code }) => {
          await auth.account.totp.activate(code);
          say(t('totp.done'));
          await done();
        },
      })));
}

// picture has the server draw the QR code. The secret goes in a body, so that no log has it.
async function picture(url) {
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? '';
  const answer = await fetch(page.qr, { method: 'POST', headers: { 'X-CSRFToken': token }, body: url }).catch(() => undefined);
  return answer?.ok ? drawing(await answer.json(), t('totp.qr')) : undefined;
}
