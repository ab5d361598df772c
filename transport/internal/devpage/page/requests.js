// What the app has asked the server, and what that answered: the newest first.
import { h, json, time } from './dom.js';
import { client } from './app.js';

const most = 60;
const hidden = (key, value) => (/password/i.test(key) && typeof value === 'string' && value ? '•'.repeat(8) : value);
const safe = (value) => json(JSON.parse(JSON.stringify(value, hidden)));

// requests makes the tab. seen is called with each exchange, as it was sent.
export function requests(seen) {
  const list = h('ol');
  const none = h('p', { class: 'quiet' }, 'What the app asks the server appears here, with the answers. Passwords are not shown.');
  client.then((auth) => auth?.on('exchange', (e) => {
    none.hidden = true;
    list.prepend(call(e));
    while (list.children.length > most) list.lastElementChild.remove();
    seen(e);
  }));
  return { id: 'requests', label: 'Requests', el: h('div', {}, none, list) };
}

function call({ method, path, body, status, answer, took }) {
  const el = h('details', {}, h('summary', {}, h('code', {}, `${method} ${path}`),
    h('span', { class: 'status', 'data-kind': String(status)[0] }, status || 'no answer'), h('span', { class: 'quiet' }, `${Math.round(took)} ms`)));
  el.addEventListener('toggle', () => {
    if (!el.open || el.children.length > 1) return;
    el.append(h('p', { class: 'quiet' }, time(at)));
    if (body !== undefined) el.append(h('h3', { class: 'part' }, 'Sent'), h('pre', { tabindex: '0' }, safe(body)));
    el.append(h('h3', { class: 'part' }, 'Answered'), h('pre', { tabindex: '0' }, answer === undefined ? 'nothing' : safe(answer)));
  });
  const at = Date.now();
  return h('li', { class: 'call' }, el);
}
