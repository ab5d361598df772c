// The few things that every page is built with.

const SVG = 'http://www.w3.org/2000/svg';

// h makes an element: h('p', { class: 'quiet', onclick: f }, 'text', child). Children that are
// undefined, null or false are left out.
export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith('on')) el.addEventListener(key.slice(2), value);
    else if (key === 'value') el.value = value;
    else if (value === true) el.setAttribute(key, '');
    else el.setAttribute(key, value);
  }
  el.append(...children.flat(Infinity).filter((c) => c !== undefined && c !== null && c !== false && c !== ''));
  return el;
}

// The lines of the icons, drawn on a square of 24.
const lines = {
  mail: 'M3 6h18v12H3zM3 7l9 7 9-7',
  phone: 'M8 3h8v18H8zM11 18h2',
  key: 'M8 19a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11 12l9-9M16 7l3 3',
  passkey: 'M10 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM3 20c0-4 3-6 7-6 1 0 2 .1 3 .5M18 11a3 3 0 0 1 1 5.8V21l-1.5-1-1.5 1v-4.2A3 3 0 0 1 18 11z',
  shield: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6zM9 12l2 2 4-4',
  lock: 'M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3',
  link: 'M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1',
  devices: 'M3 5h13v9H3zM1 18h12M17 9h5v10h-5z',
  home: 'M4 11l8-7 8 7v9h-5v-6H9v6H4z',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  alert: 'M12 3l9.5 17h-19zM12 10v4M12 17v.01',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3 2',
  out: 'M14 4h6v16h-6M10 8l-4 4 4 4M6 12h9',
  code: 'M7 4h10v16H7zM10 8h4M10 12h4M11 16h2',
  back: 'M11 5l-7 7 7 7M4 12h16',
  eye: 'M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
  next: 'M9 5l7 7-7 7',
};

// icon draws one of them. It says nothing to who cannot see it: words stand beside it.
export function icon(name, kind = '') {
  const svg = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', lines[name]);
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', `icon ${kind}`);
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  return svg;
}

// drawing is a picture of one path on a white square, such as a QR code.
export function drawing({ size, path }, label) {
  const svg = document.createElementNS(SVG, 'svg');
  const dark = document.createElementNS(SVG, 'path');
  dark.setAttribute('d', path);
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('class', 'qr');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  svg.setAttribute('shape-rendering', 'crispEdges');
  svg.append(dark);
  return svg;
}

let last = 0;

// id makes an id that nothing else on the page has.
export const id = (about) => `${about}-${++last}`;

// say tells what has happened: it is shown at the foot of the window for a while, and read out.
export function say(text, kind = 'good') {
  const place = document.getElementById(kind === 'bad' ? 'alerts' : 'notices');
  const note = h('p', { class: `notice ${kind}` }, kind !== 'info' && icon(kind === 'bad' ? 'alert' : 'check'), h('span', {}, text));
  place.replaceChildren(note);
  setTimeout(() => note.remove(), kind === 'bad' ? 12000 : 6000);
}

// hush takes away what was told: it is of somewhere else.
export const hush = () => ['alerts', 'notices'].forEach((name) => document.getElementById(name).replaceChildren());

// download gives the person a file.
export function download(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
