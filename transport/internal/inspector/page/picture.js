// The drawn graph, inside the page, so that its parts can be pointed at. Its style is a file, which
// a strict Content-Security-Policy wants it to be.
import { ask } from './place.js';
import { button, h } from './dom.js';

const steps = [0.35, 0.5, 0.65, 0.8, 1, 1.25, 1.5, 2];
const readable = 0.8; // of the size it was drawn at; its smallest text has 12 pixels

// picture is a view of one graph at a time. said is called with what the part says that is
// pointed at or has the focus, and with nothing once none has.
export function picture(said) {
  const frame = h('div', { class: 'picture' });
  let svg;
  let zoom = 0; // 0 fits the width, or is as small as can be read
  let whole = false; // all of it fits, whatever can be read
  let width = 0;
  let height = 0;
  let drawn = ''; // what is shown
  let turn = 0;
  let narrow = false; // drawn for a side bar or a telephone

  const size = () => {
    if (!svg) return;
    const fit = Math.max(0, Math.min(width, frame.clientWidth - 2)); // nothing in a tab that is not open
    const high = parseFloat(getComputedStyle(frame).maxHeight) || height;
    const wide = zoom ? width * zoom : whole ? Math.min(fit, width * (high - 2) / height) : Math.max(fit, width * readable);
    svg.setAttribute('width', String(Math.round(wide)));
    svg.removeAttribute('height');
  };
  // centre scrolls the frame, and nothing around it, to where the run stands.
  const centre = () => {
    const at = (frame.querySelector('.draw-here') ?? frame.querySelector('[data-node]'))?.getBoundingClientRect();
    const around = frame.getBoundingClientRect();
    if (at) frame.scrollBy({ top: at.top + at.height / 2 - around.top - around.height / 2, left: at.left + at.width / 2 - around.left - around.width / 2 });
  };
  const by = (way) => {
    const now = svg ? svg.getBoundingClientRect().width / width : 1;
    const wider = steps.filter((s) => (way > 0 ? s > now + 0.01 : s < now - 0.01));
    zoom = (way > 0 ? wider[0] : wider.at(-1)) ?? now;
    size();
    centre();
  };
  const tools = h('p', { class: 'tools', role: 'group', 'aria-label': 'Size of the picture' },
    button('−', () => by(-1), { 'aria-label': 'smaller', title: 'smaller' }),
    button('Fit', () => { zoom = 0; whole = true; size(); centre(); }, { title: 'all of it, as large as there is room' }),
    button('+', () => by(1), { 'aria-label': 'larger', title: 'larger' }));

  const tight = () => frame.clientWidth > 0 && frame.clientWidth < 640;
  let there = false; // whether it can be seen at all: it may be in a tab that is not open
  new ResizeObserver(() => {
    const appears = !there && frame.clientWidth > 0;
    there = frame.clientWidth > 0;
    if (drawn && there && tight() !== narrow) draw(drawn);
    else if (zoom === 0) size();
    if (appears) centre();
  }).observe(frame);

  // draw shows the picture of a path, which has a query already.
  async function draw(path) {
    drawn = path;
    narrow = tight();
    const mine = ++turn;
    const response = await ask(path + (narrow ? '&narrow' : '')).catch(() => undefined);
    if (mine !== turn) return false; // another one was asked for meanwhile
    if (!response?.ok) return false;
    const fresh = new DOMParser().parseFromString(await response.text(), 'image/svg+xml').documentElement;
    if (fresh.nodeName !== 'svg') return false;
    width = Number(fresh.getAttribute('width'));
    height = Number(fresh.getAttribute('height'));
    svg = document.importNode(fresh, true);
    frame.replaceChildren(svg);
    for (const part of svg.querySelectorAll('[data-node], [data-edge]')) pointed(part, said);
    size();
    centre();
    return true;
  }

  // mark sets one node off from the others for a while, as a sentence about it is read.
  function mark(node) {
    for (const el of frame.querySelectorAll('.marked')) el.classList.remove('marked');
    const el = node && frame.querySelector(`[data-node="${CSS.escape(node)}"]`);
    el?.classList.add('marked');
  }
  return { el: h('div', {}, tools, frame), draw, mark };
}

// pointed has a part of the picture say what it is about.
function pointed(part, said) {
  const text = part.querySelector('title')?.textContent ?? '';
  const tell = () => said(text, part.dataset.node);
  const end = () => said('');
  part.addEventListener('pointerenter', tell);
  part.addEventListener('pointerleave', end);
  part.addEventListener('focus', tell);
  part.addEventListener('blur', end);
}
