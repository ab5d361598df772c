// Mail and text messages that the server sends, asked for every second and a half.
import { address, ask, every, look } from './place.js';
import { button, h, time } from './dom.js';
import { fill } from './app.js';
import { follow, use, used } from './letters.js';

// mail makes the tab. arrived is called with all letters, how many are new, and whether they had
// been there before.
export function mail(arrived) {
  let since; // which mailbox it is: a server that was started again has another
  let last = 0;
  let all = []; // the newest first
  const list = h('ol', { class: 'letters' });
  const said = h('p', { class: 'quiet', role: 'status' }, 'Mail and text messages that this server sends appear here.');
  const empty = button('Empty', async () => {
    await ask('mailbox', { method: 'DELETE' });
    clear();
  }, { hidden: true });

  const latest = every(1500, async () => {
    mark();
    const answer = await look(`mailbox.json?after=${last}`);
    if (!answer) return;
    if (since !== undefined && since !== answer.since) {
      last = 0;
      clear();
      since = undefined;
      setTimeout(latest);
      return;
    }
    const first = since === undefined;
    since = answer.since;
    const fresh = answer.letters.filter((l) => l.id > last);
    if (fresh.length === 0) return;
    last = fresh[0].id;
    all = [...fresh, ...all];
    list.prepend(...fresh.map((l) => letter(l, first)));
    empty.hidden = false;
    said.textContent = first ? '' : `New: ${name(fresh[0])}, to ${fresh[0].to}`;
    said.classList.add('unseen');
    mark();
    arrived(all, fresh.length, first);
  });

  // mark says of which letters this browser has used the link or the code.
  function mark() {
    for (const [i, el] of [...list.children].entries()) el.classList.toggle('used', used(all[i]));
  }

  function clear() {
    list.replaceChildren();
    all = [];
    empty.hidden = true;
    said.classList.remove('unseen');
    said.textContent = 'Nothing is here.';
    arrived(all, 0, true);
  }
  return { id: 'mail', label: 'Mail', latest, el: h('div', {}, said, list, h('p', { class: 'buttons' }, empty)) };
}

export const name = (l) => l.subject ?? 'text message';

// letter is one letter: what it is, what it carries as a button, and how it looks.
function letter(l, old) {
  const preview = h('details', {}, h('summary', {}, l.html ? 'Show the letter' : 'Show the text'));
  preview.addEventListener('toggle', () => {
    if (!preview.open || preview.children.length > 1) return;
    preview.append(l.html
      ? h('iframe', { src: address(`mailbox/${l.id}`), title: `letter: ${name(l)}`, sandbox: 'allow-popups allow-popups-to-escape-sandbox' })
      : h('pre', { tabindex: '0' }, l.text));
  });
  return h('li', { class: old ? 'letter' : 'letter new' },
    h('p', { class: 'subject' }, h('b', {}, name(l)), h('span', { class: 'spent' }, 'used'), time(l.at)),
    h('p', { class: 'to quiet' }, `to ${l.to}`),
    h('p', { class: 'buttons' }, l.url && button('Open the link', () => follow(l)), l.code && enter(l.code)), preview);
}

function enter(code) {
  const el = button(code, async () => {
    const did = await fill(code);
    if (did === 'filled') use(code);
    else el.textContent = `${code}, copied: nothing waits for a code`;
  }, { class: 'mono', title: 'put it into the form' });
  return el;
}
