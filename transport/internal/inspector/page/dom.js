// Small things that the rest is built with.

// h makes an element: h('p', {class: 'quiet', onclick: f}, 'text', child).
export function h(tag, props = {}, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith('on')) el.addEventListener(key.slice(2), value);
    else if (value === true) el.setAttribute(key, '');
    else el.setAttribute(key, value);
  }
  el.append(...children.flat().filter((c) => c !== undefined && c !== null && c !== false));
  return el;
}

// button is one that does something here and submits nothing.
export const button = (text, onclick, props = {}) => h('button', { type: 'button', onclick, ...props }, text);

// time shows a moment shortly, and in full to who asks.
export function time(at) {
  const date = new Date(at);
  return h('time', { datetime: date.toISOString(), title: date.toLocaleString() }, date.toLocaleTimeString());
}

// words turns an id into something to read: "mfa_authenticate" is "mfa authenticate".
export const words = (id) => id.replaceAll('_', ' ');

// span says how long something is: "2 h 5 min".
export function span(seconds) {
  const parts = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]].flatMap(([unit, size]) => {
    const n = Math.floor(seconds / size);
    seconds -= n * size;
    return n > 0 ? [`${n} ${unit}`] : [];
  });
  return parts.slice(0, 2).join(' ') || '0 s';
}

// pretty prints a value as JSON, what is short on one line.
function pretty(value, pad = '') {
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const list = Array.isArray(value);
  const parts = Object.entries(value).map(([key, part]) => (list ? '' : `${JSON.stringify(key)}: `) + pretty(part, `${pad}  `));
  const [open, close] = list ? '[]' : '{}';
  const line = parts.join(', ');
  if (line === '') return open + close;
  if (line.length + pad.length <= 44 && !line.includes('\n')) return list ? `[${line}]` : `{ ${line} }`;
  return `${open}\n${parts.map((part) => `${pad}  ${part}`).join(',\n')}\n${pad}${close}`;
}

// json prints a value with its parts in spans, so that a style can tell them apart.
export function json(value) {
  const text = pretty(value);
  const token = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
  const out = [];
  let at = 0;
  for (const m of text.matchAll(token)) {
    out.push(text.slice(at, m.index));
    const kind = m[2] ? 'key' : m[1] ? 'string' : 'other';
    out.push(h('span', { class: `json-${kind}` }, m[1] ?? m[0]), m[2] ?? '');
    at = m.index + m[0].length;
  }
  out.push(text.slice(at));
  return out;
}
