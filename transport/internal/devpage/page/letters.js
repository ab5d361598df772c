// Which letter is of use to this page: the newest to the address that it named last, unless that one
// was used. Other browsers use the same mailbox, and letters outlive a reload of the page.
import { now } from './clock.js';

const place = 'stagedoor.inspector.named'; // {to, at}: what this tab named last, and when
const past = 'stagedoor.inspector.used'; // keys and codes that this browser has used
const most = 200;
const read = (store, key, or) => {
  try {
    return JSON.parse(store.getItem(key)) ?? or;
  } catch {
    return or;
  }
};

// Another tab of this browser has the same session, so that what it named counts where this one
// has named nothing yet.
const named = () => read(sessionStorage, place, undefined) ?? read(localStorage, place, { to: '', at: Infinity });
function name(to, at) {
  for (const store of [sessionStorage, localStorage]) store.setItem(place, JSON.stringify({ to, at }));
}

// Who comes back from a provider has named nothing: any letter from then on may be theirs. The app
// may have gone on from there by now.
const [loaded] = performance.getEntriesByType('navigation');
if (/\/provider\/callback$/.test(new URL(loaded?.name ?? location.href).pathname)) name('', Date.now() - 10000);

export const used = (l) => read(localStorage, past, []).some((secret) => secret === l.key || secret === l.code);

// use remembers that a letter is of no use any more, by its key or its code.
export function use(secret) {
  if (secret) localStorage.setItem(past, JSON.stringify([secret, ...read(localStorage, past, []).filter((s) => s !== secret)].slice(0, most)));
}

// follow has the browser open a letter's link.
export function follow(l) {
  use(l.key);
  location.assign(l.url);
}

// note learns from an exchange of the app: the address that it names, the key or code that it uses.
export function note({ method, path, body, status, took }) {
  if (method === 'GET' || !body || typeof body !== 'object') return;
  const to = body.email ?? body.phone;
  if (typeof to === 'string' && method !== 'DELETE') name(to, now() - took - 2000);
  else if (body.username) name('', now() - took - 2000);
  const done = status === 200 || status === 401 || /email\/verify$/.test(path) && (status === 400 || status === 409);
  if (done) use(body.key ?? body.code);
}

const same = (a, b) => a.toLowerCase() === b.toLowerCase();

// fitting finds that letter among all, the newest first, by the state of the app's client.
export function fitting(letters, state) {
  const { to, at } = named();
  const stage = state?.proof?.stage ?? state?.stage;
  const recipient = stage?.recipients?.[0];
  const known = [recipient?.email, recipient?.phone].filter(Boolean);
  if (known.length === 0 && state?.proof) known.push(...[state.user.email, state.user.phone].filter(Boolean));
  if (known.length === 0 && to) known.push(to);
  const found = letters.find((l) => (l.url || l.code) && (known.some((k) => same(k, l.to)) || known.length === 0 && Date.parse(l.at) >= at));
  if (!found || used(found)) return undefined;
  // What waits may wait for a letter of before. Else it was asked for here, and confirms nothing
  // that was confirmed elsewhere meanwhile.
  if (stage) return found;
  const confirms = state?.status === 'signed_out' && found.template.startsWith('email_confirmation');
  return Date.parse(found.at) >= at && !confirms ? found : undefined;
}
