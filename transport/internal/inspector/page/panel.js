// The panel: tabs in an element of its own, whose shadow root keeps its style and that of the app
// apart. Tabs follow the pattern of the ARIA Authoring Practices: arrows move, Tab leaves.
import { h } from './dom.js';

const kept = {
  get: (key) => localStorage.getItem(`stagedoor.inspector.${key}`),
  set: (key, value) => localStorage.setItem(`stagedoor.inspector.${key}`, value),
};

// panel puts tabs, each { id, label, el, badge?, shown? }, into a host element. head is
// shown above them whichever is open, and also while all else is folded away.
export function panel(host, tabs, { head, styles, beside = false, title = 'Inspector' }) {
  const root = host.attachShadow({ mode: 'open' });
  const views = tabs.map((t) => h('div', { role: 'tabpanel', id: `view-${t.id}`, 'aria-labelledby': `tab-${t.id}`, class: 'view', tabindex: '-1' }, t.el));
  const buttons = tabs.map((t) => h('button', {
    type: 'button', role: 'tab', id: `tab-${t.id}`, 'aria-controls': `view-${t.id}`, onclick: () => open(t.id),
  }, t.label, h('span', { class: 'badge', hidden: true })));
  const bar = h('div', { role: 'tablist', class: 'tabs', 'aria-label': title }, buttons);
  const narrow = matchMedia('(max-width: 1099px)');
  const fold = h('button', { type: 'button', class: 'fold', onclick: () => folded(!root.querySelector('.panel').classList.contains('folded')) });
  const body = h('div', { class: 'body' }, bar, h('div', { class: 'views' }, views));
  root.append(
    ...styles.map((s) => h('link', { rel: 'stylesheet', href: new URL(s, import.meta.url).href })),
    h(beside ? 'section' : 'main', { class: beside ? 'panel beside' : 'panel', 'aria-label': title },
      h('header', {}, !beside && h('h1', {}, 'stagedoor'), h('h2', {}, title), beside && fold, head), body),
  );

  function open(id, { focus = false } = {}) {
    const n = Math.max(0, tabs.findIndex((t) => t.id === id));
    tabs.forEach((t, i) => {
      buttons[i].setAttribute('aria-selected', String(i === n));
      buttons[i].tabIndex = i === n ? 0 : -1;
      views[i].hidden = i !== n;
    });
    badge(tabs[n].id, 0);
    kept.set('tab', tabs[n].id);
    if (focus) buttons[n].focus();
    buttons[n].scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
    tabs[n].shown?.();
  }

  bar.addEventListener('keydown', (e) => {
    const at = buttons.indexOf(root.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[e.key];
    if (to === undefined || at < 0) return;
    e.preventDefault();
    open(tabs[(to + tabs.length) % tabs.length].id, { focus: true });
  });

  // badge counts what is new behind a tab that is not open.
  function badge(id, n) {
    const i = tabs.findIndex((t) => t.id === id);
    const el = buttons[i]?.querySelector('.badge');
    if (!el) return;
    el.hidden = n === 0 || isOpen(id);
    el.textContent = n > 0 ? String(n) : '';
  }
  const isOpen = (id) => buttons[tabs.findIndex((t) => t.id === id)].getAttribute('aria-selected') === 'true' && !body.hidden;

  // folded leaves the head alone, and gives the app its room back.
  function folded(yes, keep = true) {
    if (!beside) return;
    root.querySelector('.panel').classList.toggle('folded', yes);
    body.hidden = yes;
    fold.textContent = yes ? 'Show' : 'Hide';
    fold.setAttribute('aria-expanded', String(!yes));
    fold.setAttribute('aria-label', `${yes ? 'Show' : 'Hide'} the inspector`);
    document.documentElement.classList.toggle('insp-beside', !yes);
    document.documentElement.classList.toggle('insp-folded', yes);
    covers();
    if (keep) kept.set(narrow.matches ? 'narrow' : 'wide', yes ? 'folded' : 'open');
  }
  // covers says how much of the window's foot is behind the panel: all but where it stands at the side.
  const covers = () => {
    const foot = narrow.matches || body.hidden;
    document.documentElement.style.setProperty('--insp-bar', `${foot ? Math.ceil(host.getBoundingClientRect().height) : 0}px`);
  };
  if (beside) new ResizeObserver(covers).observe(host);
  const fit = () => folded(kept.get(narrow.matches ? 'narrow' : 'wide') === 'folded' || narrow.matches && kept.get('narrow') !== 'open', false);
  narrow.addEventListener('change', fit);
  fit();
  open(kept.get('tab') ?? tabs[0].id);
  return { open, badge, isOpen, root };
}
