// The inspector of a development server, beside the app. It begins once the app has, and takes
// nothing from it but what the app's client tells.
import { panel } from './panel.js';
import { flow } from './flow.js';
import { compare } from './compare.js';
import { client } from './app.js';
import { about } from './about.js';
import { clock } from './clock.js';
import { devices } from './devices.js';
import { note } from './letters.js';
import { mail } from './mail.js';
import { next } from './next.js';
import { passkeys } from './passkeys.js';
import { requests } from './requests.js';
import { learn } from './totp.js';

const host = document.createElement('stagedoor-inspector');
document.body.append(host);

// While a modal dialog of the app is open all else is inert; but a code that it asks for is to be
// filled in. So the panel goes into the dialog, and comes out of it again.
const follow = () => {
  const modal = [...document.querySelectorAll('dialog:modal')].pop() ?? document.body;
  if (host.parentNode === modal) return;
  if (modal.moveBefore && host.isConnected) modal.moveBefore(host, null);
  else modal.append(host);
};
new MutationObserver(follow).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ['open'] });

const now = next();
const runs = flow();
let unread = 0;
const letters = mail((all, fresh, old) => {
  now.arrived(all);
  unread = old || view?.isOpen('mail') ? 0 : unread + fresh;
  view?.badge('mail', unread);
});
letters.shown = () => { unread = 0; };
let moved = false;
const time = clock(async () => {
  moved = true;
  (await client)?.load();
  runs.latest();
});
const calls = requests((exchange) => {
  learn(exchange);
  note(exchange);
  // An answer that moved the client on: there may be a letter, and the run stands elsewhere.
  if (exchange.method !== 'GET' || moved) {
    runs.latest();
    letters.latest();
  }
  moved = false;
  now.again();
});
const view = panel(host, [runs, letters, calls, passkeys(host), devices((n) => view?.badge('devices', n)), time, compare(), about()], { head: now.el, styles: ['panel.css', 'dev.css', 'draw.css'], beside: true });
host.dataset.ready = 'true';
