// The page: which of its views the path asks for.
import { call, explain } from './api.js';
import { byId, h } from './dom.js';
import { form } from './forms.js';
import { choose, load, reached, render, settle, stage } from './journey.js';
import { watch } from './mailbox.js';
import { follow } from './runs.js';

// keyed are the pages that links of mails lead to: they say what the key is for, and use
// it when asked to.
const keyed = [
  {
    path: /^\/account\/verify-email\/(.+)$/,
    api: 'auth/email/verify',
    header: 'X-Email-Verification-Key',
    title: 'Confirm an address',
    says: ({ email, user }) => `The key confirms ${email} as an address of ${user.display ?? user.id}.`,
    fields: [],
    button: 'Confirm',
    done: 'The address is confirmed. Log in now.',
    reaches: ['signup', 'verify'],
  },
  {
    path: /^\/account\/password\/reset\/key\/(.+)$/,
    api: 'auth/password/reset',
    header: 'X-Password-Reset-Key',
    title: 'Choose a new password',
    says: ({ user }) => `The key sets a new password for ${user.display ?? user.id}.`,
    fields: [{ name: 'password', type: 'secret', required: true, help: 'the new password' }],
    button: 'Set the password',
    done: 'The password is set. Log in with it.',
    reaches: [],
  },
];

const home = () => history.replaceState(null, '', '/');

// opened shows the page of a link.
async function opened(link, key) {
  const info = await call('GET', link.api, undefined, { headers: { [link.header]: key } });
  if (info.status !== 200) {
    home();
    render(`This key is of no use: ${explain(info)}`);
    return;
  }
  const send = async (body) => {
    const answer = await call('POST', link.api, { key, ...body });
    if (answer.status === 200 || answer.status === 401) {
      home();
      reached(...link.reaches);
      choose('login');
    }
    return settle(answer, link.done);
  };
  render();
  stage(h('h3', { tabindex: '-1' }, link.title), h('p', {}, link.says(info.data)),
    form({ fields: link.fields, button: link.button, send, fresh: true }));
}

async function open() {
  await load(false);
  const path = location.pathname;
  for (const link of keyed) {
    const key = path.match(link.path)?.[1];
    if (key) {
      await opened(link, decodeURIComponent(key));
      return;
    }
  }
  if (path === '/account/signup') choose('signup');
  if (path === '/account/password/reset') choose('password_reset_request');
  const error = new URLSearchParams(location.search).get('error');
  if (path !== '/') home();
  render(error && `The provider's answer led nowhere: ${error}.`);
}

await open();
await watch();
follow();
byId('journey').dataset.ready = 'true';
