// The inspector of a server in production: runs, their way through the graph, and what another
// configuration would ask. It shows the operators' token, which the person at the browser gives.
import { button, h } from './dom.js';
import { ask, show, shows } from './place.js';
import { panel } from './panel.js';
import { compare } from './compare.js';
import { flow } from './flow.js';

const styles = ['panel.css', 'draw.css', 'operators.css'];

// begin shows the inspector, or asks for the token first.
async function begin(note) {
  document.body.replaceChildren();
  const host = document.createElement('stagedoor-inspector');
  document.body.append(host);
  if (!shows()) return login(host, note);
  const answer = await ask('runs.json').catch(() => undefined);
  if (!answer?.ok) {
    show();
    return begin(answer?.status === 404 ? 'That is not the token of this server, or it was wrong too often.' : 'The server does not answer.');
  }
  const out = button('Forget the token', () => { show(); begin(); }, { class: 'fold' });
  panel(host, [flow(), compare()], { head: out, styles, title: 'Inspector' });
  host.dataset.ready = 'true';
  return undefined;
}

function login(host, note) {
  const root = host.attachShadow({ mode: 'open' });
  const input = h('input', { id: 'token', type: 'password', autocomplete: 'off', spellcheck: 'false', required: true, 'aria-describedby': 'token-help token-fault' });
  const form = h('form', { class: 'login' }, h('h1', {}, 'Inspector'),
    h('p', { class: 'field' }, h('label', { for: 'token' }, 'The operators’ token'), input),
    h('p', { class: 'quiet', id: 'token-help' }, 'admin.token of the configuration. It is kept until this tab is closed.'),
    h('p', { class: 'fault', id: 'token-fault', role: 'alert' }, note ?? ''),
    h('p', { class: 'buttons' }, h('button', { class: 'main' }, 'Show the runs')));
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    // What a header cannot carry is no token.
    if (/^[\x21-\x7e]+$/.test(input.value.trim())) show(input.value.trim());
    begin('That is no token.');
  });
  root.append(...styles.map((s) => h('link', { rel: 'stylesheet', href: new URL(s, import.meta.url).href })), h('main', {}, form));
  host.dataset.ready = 'login';
  input.focus();
}

begin();
