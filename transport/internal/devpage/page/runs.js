// The latest runs and why they went where they went, asked while the page is looked at.
import { byId, h } from './dom.js';

const every = 3000;
let shown = ''; // what is on the page, so that what is open stays open
let timer;

// look asks for the runs, now and then again and again.
async function look() {
  clearTimeout(timer);
  try {
    const response = await fetch('/dev/runs.json');
    if (response.ok) show((await response.json()).runs);
  } catch {
    // The server is gone; it may come back.
  }
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(look, every);
}

// follow begins to look, and stops where nobody sees it.
export function follow() {
  document.addEventListener('visibilitychange', () => (document.hidden ? clearTimeout(timer) : look()));
  return look();
}

function show(runs) {
  const now = JSON.stringify(runs);
  if (now === shown) return;
  shown = now;
  const open = new Set([...byId('runs').querySelectorAll('details[open]')].map((d) => d.dataset.run));
  byId('runs').replaceChildren(...runs.map((r) => run(r, open.has(r.run))));
  byId('no-runs').hidden = runs.length > 0;
}

// run is one run: where it is, why, and how to keep it.
function run(r, open) {
  const details = h('details', { 'data-run': r.run },
    h('summary', {}, h('b', {}, r.flow), ` ${r.state} at ${r.node} `, h('time', { datetime: r.updated }, new Date(r.updated).toLocaleTimeString())),
    h('pre', { tabindex: '0', class: 'why' }, r.text),
    r.story && h('p', { class: 'buttons' },
      h('a', { class: 'button', href: `/dev/stories/${encodeURIComponent(r.run)}`, download: `${r.flow}.yaml` }, 'Save as fixture')));
  details.open = open;
  return h('li', {}, details);
}
