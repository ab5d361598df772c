// Accounts at other sites that one can sign in with.
import { again, panel, row, rows } from './account.js';
import { auth, config, features } from './auth.js';
import { sure } from './confirm.js';
import { h } from './dom.js';
import { action } from './form.js';
import { t } from './texts.js';

// providers is the page of them.
export async function providers({ user }) {
  const list = await auth.account.providers.list();
  const stays = list.length === 1 && await last(user);
  const offered = config.socialaccount.providers.filter((p) => p.flows?.includes('provider_redirect'));
  return {
    title: t('providers.title'),
    body: [
      h('p', { class: 'lead' }, t('providers.about')),
      panel('', list.length > 0 ? rows(list.map((account) => connected(account, stays))) : h('p', { class: 'empty' }, t('providers.none')),
        h('div', { class: 'buttons' }, offered.map((p) => action(t('providers.connect', { name: p.name }), () => auth.account.providers.connect(p.id, {
          callback: new URL('/account/providers', location.origin).href,
        }), 'plain', 'link')))),
    ],
  };
}

// last says what must be there before the last one goes: a password, and an address.
async function last(user) {
  if (user.has_usable_password === false) return 'password';
  return features.email.verification === 'mandatory' && !(await auth.account.emails.list()).some((e) => e.verified) && 'email';
}

function connected(account, stays) {
  const { name } = account.provider;
  const who = account.display && account.display !== name ? account.display : account.uid;
  if (stays) return row({ mark: 'link', title: name, about: [who, t('providers.last')], actions: [h('a', { class: 'button plain', href: `/account/${stays}` }, t(`providers.last_${stays}`))] });
  return row({
    mark: 'link', title: name, about: [who],
    actions: [action(t('providers.disconnect'), () => sure(t('providers.disconnect_title', { name }), t('providers.disconnect_about'), t('providers.disconnect'), async () => {
      await auth.account.providers.disconnect({ provider: account.provider.id, account: account.uid });
      again(t('providers.disconnected', { name }));
    }))],
  });
}
