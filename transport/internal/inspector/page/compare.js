// What another configuration would ask: what stagedoor check --diff prints, for a few lines laid
// over the configuration that runs.
import { ask } from './place.js';
import { button, h } from './dom.js';

const example = 'account:\n  email_verification: optional\nmfa:\n  trust_enabled: false\n';

export function compare() {
  const text = h('textarea', { id: 'yaml', rows: '8', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', maxlength: '60000', 'aria-describedby': 'yaml-help' });
  text.value = example;
  const result = h('div', { class: 'result', role: 'status', tabindex: '-1' });
  const go = button('Compare', run, { class: 'main' });
  async function run() {
    go.disabled = true;
    const response = await ask('diff', { method: 'POST', headers: { 'Content-Type': 'application/yaml' }, body: text.value }).catch(() => undefined);
    const answer = await response?.json().catch(() => undefined);
    go.disabled = false;
    if (answer?.faults) result.replaceChildren(...answer.faults.map((f) => h('p', { class: 'fault' }, f)));
    else if (!response?.ok) result.replaceChildren(h('p', { class: 'fault' }, response?.status === 503 ? 'Another comparison is being made. Try again.' : 'The server does not answer.'));
    else result.replaceChildren(...told(answer));
  }
  return {
    id: 'diff', label: 'Diff',
    el: h('div', {}, h('h3', {}, 'What would another configuration ask?'),
      h('p', { class: 'field' }, h('label', { for: 'yaml' }, 'Laid over the one that runs'), text),
      h('p', { class: 'quiet', id: 'yaml-help' }, 'YAML, as in the file. Nothing is changed, and no file is read.'),
      h('p', { class: 'buttons' }, go), result),
  };
}

const signs = { weaker: '▼', stricter: '▲', neither: '•' };

// told shows a difference, what gets weaker first.
function told({ changes, settings }) {
  const out = [];
  if (changes.length === 0) out.push(h('p', { class: 'none' }, 'Nothing is asked otherwise.'));
  for (const lean of ['weaker', 'stricter', 'neither']) {
    const of = changes.filter((c) => c.lean === lean);
    if (of.length === 0) continue;
    out.push(h('h4', { 'data-lean': lean }, `${signs[lean]} ${lean}`), h('ul', { class: 'changes', 'data-lean': lean }, of.map((c) => h('li', {}, c.text,
      folded(c.of ?? [])))));
  }
  if (settings.length > 0) {
    out.push(h('h4', {}, 'settings'), h('ul', { class: 'changes' }, settings.map((s) => h('li', {}, h('code', {}, s.key), `: ${shown(s.was)} → ${shown(s.is)}`))));
  }
  return out;
}

// folded has the ways that a change is about behind a line that counts them.
function folded(of) {
  if (of.length === 0) return undefined;
  const ways = new Set(of.flatMap((o) => o.ways ?? [])).size;
  return h('details', {}, h('summary', {}, `${ways} ${ways === 1 ? 'way' : 'ways'}`),
    of.map((o) => h('p', { class: 'of' }, (o.ways ?? []).join(', '), (o.for ?? []).map((who) => h('span', {}, `for ${who}`)))));
}

const shown = (v) => (v === null || v === undefined ? 'not there' : v === '' ? 'empty' : Array.isArray(v) ? `[${v.join(', ')}]` : String(v));
