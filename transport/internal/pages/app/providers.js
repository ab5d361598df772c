// Accounts at other sites that one can sign in with.
import { again, panel, row, rows } from './account.js';
import { auth, config } from './auth.js';
import { sure } from './confirm.js';
import { h } from './dom.js';
import { action } from './form.js';
import { t } from './texts.js';

// providers is the page of them.
export async function providers() {
  const list = await auth.account.providers.list();
  const offered = config.socialaccount.providers.filter((p) => p.flows?.includes('provider_redirect'));
  return {
    title: t('providers.title'),
    body: [
      h('p', { class: 'lead' }, t('providers.about')),
      panel('', list.length > 0 ? rows(list.map(connected)) : h('p', { class: 'empty' }, t('providers.none')),
        h('div', { class: 'buttons' }, offered.map((p) => action(t('providers.connect', { name: p.name }), () => auth.account.providers.connect(p.id, {
          callback: new URL('/account/providers', location.origin).href,
        }), 'plain', 'link')))),
    ],
  };
}

function connected(account) {
  const { name } = account.provider;
  return row({
    mark: 'link', title: name, about: account.display && account.display !== name ? [account.display] : [],
    actions: [action(t('providers.disconnect'), () => sure(t('providers.disconnect_title', { name }), t('providers.disconnect_about'), t('providers.disconnect'), async () => {
      await auth.account.providers.disconnect({ provider: account.provider.id, account: account.uid });
      again(t('providers.disconnected', { name }));
    }))],
  });
}
