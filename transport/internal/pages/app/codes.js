// Recovery codes: to be copied, downloaded or printed.
import { again, panel } from './account.js';
import { auth, features } from './auth.js';
import { sure } from './confirm.js';
import { download, h, say } from './dom.js';
import { action } from './form.js';
import { page } from './page.js';
import { go } from './router.js';
import { t } from './texts.js';

// made are new codes, which may be shown only now.
let made;

// codes is the page of them.
export async function codes({ user }) {
  const have = made ?? await known();
  made = undefined;
  const list = have?.unused_codes ?? [];
  return {
    title: t('codes.title'),
    body: [
      h('p', { class: 'lead' }, t('codes.about')),
      panel('', list.length > 0 ? shown(list, user.email ?? user.username ?? user.display ?? '')
        : h('p', {}, !have ? t('security.codes_none') : have.unused_code_count > 0 ? t('codes.shown_once', { n: have.unused_code_count }) : t('codes.none')),
      h('div', { class: 'buttons' }, list.length > 0 && action(t('codes.done'), () => go('/account/security'), 'primary'), renewal(have))),
    ],
  };
}

// known are the codes that there are, undefined where there are none.
async function known() {
  try {
    return await auth.account.recoveryCodes.get();
  } catch (error) {
    if (error.status === 404) return undefined;
    throw error;
  }
}

function renewal(have) {
  const renew = async () => {
    made = await auth.account.recoveryCodes.renew();
    again(t('codes.renewed'));
  };
  if (!have) return action(t('security.codes_make'), renew, 'primary');
  return action(t('codes.renew'), () => sure(t('codes.renew_title'), t('codes.renew_about'), t('codes.renew'), renew), 'text');
}

// shown are the codes with what can be done with them.
function shown(list, who) {
  const text = `${t('codes.file', { who, site: page.title })}\n\n${list.join('\n')}\n`;
  return h('div', {},
    features.second_factor.recovery_codes_shown_once && h('p', { class: 'alert info' }, t('codes.once')),
    h('ul', { class: 'codes' }, list.map((code) => h('li', {}, h('code', {}, code.match(/.{1,4}/gu).map((part) => h('span', {}, part)))))),
    h('div', { class: 'buttons' },
      action(t('codes.copy'), async () => {
        await navigator.clipboard.writeText(list.join('\n'));
        say(t('codes.copied'));
      }),
      action(t('codes.download'), () => download('recovery-codes.txt', text)),
      action(t('codes.print'), () => print())));
}
