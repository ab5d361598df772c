// The development mailbox, asked every one and a half seconds while the page is looked at.
import { byId, h } from './dom.js';
import { fill } from './forms.js';

const every = 1500;
let since; // which mailbox it is: a server that was started again has another
let last = 0; // the newest letter that is shown
let timer;

// look asks for new letters, now and then again and again.
export async function look() {
  clearTimeout(timer);
  try {
    const response = await fetch(`/dev/mailbox.json?after=${last}`);
    if (response.ok) show(await response.json());
  } catch {
    // The server is gone; it may come back.
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, every);
}

// watch begins to look, and stops where nobody sees it.
export function watch() {
  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : look()));
  byId('empty').addEventListener('click', async () => {
    await fetch('/dev/mailbox', { method: 'DELETE' });
    clear();
  });
  return look();
}

function clear() {
  byId('letters').replaceChildren();
  byId('empty').hidden = true;
  byId('nothing').hidden = false;
}

function show(answer) {
  if (since !== undefined && since !== answer.since) {
    since = answer.since;
    last = 0;
    clear();
    look();
    return;
  }
  const first = since === undefined;
  since = answer.since;
  const fresh = answer.letters.filter((l) => l.id > last);
  if (fresh.length === 0) return;
  last = fresh[0].id;
  byId('letters').prepend(...fresh.map((l) => letter(l, first)));
  byId('empty').hidden = false;
  byId('nothing').hidden = true;
  if (!first) byId('arrived').textContent = `New: ${fresh[0].subject ?? 'text message'}, to ${fresh[0].to}`;
}

// letter is one letter: what it is, what it carries as a button, and how it looks.
function letter(l, old) {
  const at = new Date(l.at);
  const preview = h('details', {}, h('summary', {}, l.html ? 'Show the letter' : 'Show the text'));
  preview.addEventListener('toggle', () => {
    if (!preview.open || preview.children.length > 1) return;
    preview.append(l.html
      ? h('iframe', { src: `/dev/mailbox/${l.id}`, title: `letter: ${l.subject}`, sandbox: 'allow-popups allow-popups-to-escape-sandbox' })
      : h('pre', { tabindex: '0' }, l.text));
  });
  return h('li', { class: old ? 'letter' : 'letter new' },
    h('p', { class: 'subject' }, h('b', {}, l.subject ?? 'text message'), ' ',
      h('time', { datetime: l.at, title: at.toLocaleString() }, at.toLocaleTimeString())),
    h('p', { class: 'quiet' }, `to ${l.to}`),
    (l.code || l.url) && h('p', { class: 'buttons' }, l.code && enter(l.code), l.url && h('a', { class: 'button', href: l.url }, 'Open the link')),
    preview);
}

// enter is the button of a code: it goes into the form that waits, or to the clipboard.
function enter(code) {
  const button = h('button', { type: 'button', class: 'mono' }, code);
  button.addEventListener('click', async () => {
    if (fill(code)) return;
    await navigator.clipboard?.writeText(code);
    button.title = 'copied: nothing waits for a code';
  });
  return button;
}
