// The flow: the latest runs, where the chosen one stands in its graph, and why it came there.
import { ask, every, look } from './place.js';
import { button, h, time, words } from './dom.js';
import { picture } from './picture.js';

// expected is the flow that the page beside begins, where nothing has run yet.
function expected() {
  const path = location.pathname;
  if (/password\/reset/.test(path)) return 'password_reset';
  return document.querySelector('#main input[autocomplete~="new-password"]') || /signup/.test(path) ? 'signup' : 'login';
}

// flow makes the tab. It shows the latest run as soon as there is another.
export function flow() {
  let list = { runs: [], flows: [] };
  let chosen = ''; // a run, "flow:ID", or "" for the latest run
  let drawn = '';
  const reason = h('p', { class: 'reason', 'aria-live': 'polite' });
  const hint = 'Point at a stage, or step through them with Tab: what happened there and why stands here.';
  const graph = picture((text, node) => {
    reason.textContent = text || hint;
    reason.classList.toggle('hint', !text);
    for (const el of steps.children) el.classList.toggle('marked', Boolean(text) && el.dataset.node === node);
  });
  const pick = h('select', { id: 'run', onchange: () => { chosen = pick.value; show(); } });
  const title = h('h3');
  const where = h('p', { class: 'where', role: 'status' });
  const steps = h('ol', { class: 'steps' });
  const rules = h('ul', { class: 'rules' });
  const keep = h('p', { class: 'buttons' });
  const kept = h('p', { class: 'quiet said', role: 'status' });
  reason.textContent = hint;
  reason.classList.add('hint');

  const latest = every(3000, async () => {
    const fresh = await look('runs.json');
    if (!fresh) return;
    list = fresh;
    options();
    await show();
  });

  // options are the runs and the flows, the choice kept.
  function options() {
    const label = (r) => `${words(r.flow)}, ${new Date(r.updated).toLocaleTimeString()}: ${words(r.node)}`;
    const runs = list.runs.map((r) => h('option', { value: r.run }, label(r)));
    const flows = list.flows.map((f) => h('option', { value: `flow:${f.id}` }, `${f.id}: ${f.title}`));
    const next = [
      h('option', { value: '' }, list.runs[0] ? `Latest: ${label(list.runs[0])}` : 'Latest run (there is none yet)'),
      h('optgroup', { label: 'Runs' }, runs), h('optgroup', { label: 'Flows' }, flows),
    ];
    if (document.activeElement?.shadowRoot?.activeElement === pick) return; // it may be open
    pick.replaceChildren(...next);
    pick.value = chosen;
    if (pick.value !== chosen) chosen = pick.value = '';
  }

  async function show() {
    const only = chosen.startsWith('flow:') ? chosen.slice(5) : '';
    const run = only ? undefined : chosen ? list.runs.find((r) => r.run === chosen) : list.runs[0];
    const can = (id) => list.flows.find((f) => f.id === id)?.id;
    const id = only || run?.flow || can(expected()) || can('login') || list.flows[0]?.id;
    const now = JSON.stringify([id, run?.run, run?.updated, run?.story, run?.state]);
    if (!id || now === drawn) return;
    drawn = now;
    title.textContent = list.flows.find((f) => f.id === id)?.title ?? words(id);
    const query = run ? `?bare&run=${encodeURIComponent(run.run)}` : '?bare';
    const [, x] = await Promise.all([graph.draw(`graph/${encodeURIComponent(id)}.svg${query}`), run && look(`runs/${encodeURIComponent(run.run)}`)]);
    explain(x, run);
  }

  function explain(x, run) {
    // What a provider leaves open is asked for by a run of its own, which begins with the answer.
    const form = x?.now.node === 'signup_waits' && x.now.state === 'ended' ? ' The page now shows the form for the rest, and what is sent begins a run of its own.' : '';
    where.textContent = x ? sentence(x.now.text, x.now.wrong, x.now.tries) + form : list.trails === false ? 'No trails are kept: trails.keep_days is 0.'
      : run ? '' : 'Nothing has run yet. This is how it can go.';
    where.dataset.state = x?.now.state ?? 'none';
    steps.replaceChildren(...(x?.steps ?? []).map((s, i) => step(s, x.says[i])));
    rules.replaceChildren(...(x?.rules ?? []).map((r) => h('li', { 'data-how': r.how }, h('b', {}, r.proof), ` ${r.how}${r.by ? ` by ${r.by}` : ''}`)));
    rules.hidden = !x?.rules?.length;
    kept.textContent = '';
    keep.replaceChildren(...(run?.story ? [button('Save as fixture', () => save(run), { title: 'a story for stagedoor replay' })] : []));
  }

  const sentence = (text, wrong, tries) => `${text[0].toUpperCase()}${text.slice(1)}${wrong ? `, after ${wrong} wrong ${wrong === 1 ? 'try' : 'tries'}${tries ? ` of ${tries}` : ''}` : ''}.`;

  // step is one stage that was left. With the pointer or the focus on it the node is set off.
  function step(s, says) {
    const on = () => graph.mark(s.node);
    const off = () => graph.mark();
    const [, rest] = says.split(/: (.*)/s);
    return h('li', { 'data-node': s.node, 'data-kind': s.kind, tabindex: '0', onpointerenter: on, onpointerleave: off, onfocus: on, onblur: off },
      h('b', {}, words(s.node)), ' ', h('span', { class: 'exit' }, words(s.exit)), h('span', { class: 'says' }, rest ?? says));
  }

  // save has the browser keep the story. A link carries no header, so it is fetched first.
  async function save(run) {
    const response = await ask(`stories/${encodeURIComponent(run.run)}`).catch(() => undefined);
    if (!response?.ok) {
      kept.textContent = response ? 'The server has the story no longer.' : 'The server does not answer.';
      return;
    }
    const link = h('a', { href: URL.createObjectURL(await response.blob()), download: `${run.flow}.yaml` });
    link.click();
    URL.revokeObjectURL(link.href);
    kept.textContent = `Saved as ${link.download}, where this browser keeps downloads. Try it: stagedoor replay ${link.download}`;
  }

  return {
    id: 'flow', label: 'Flow', latest,
    el: h('div', {}, h('p', { class: 'field' }, h('label', { for: 'run' }, 'Show'), pick), title, where, reason, graph.el,
      h('h4', {}, 'The way it took'), steps, rules, keep, kept),
  };
}
