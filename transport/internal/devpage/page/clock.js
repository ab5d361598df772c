// The server's clock, which can be put ahead to see what expires.
import { ask, every, look } from './place.js';
import { button, h, span } from './dom.js';

let ahead = 0; // the server's clock minus this one's, in milliseconds

// now is what time it is for the server.
export const now = () => Date.now() + ahead;

// clock makes the tab. moved is called once the clock was put ahead.
export function clock(moved) {
  const shown = h('p', { class: 'clock' });
  const day = h('p', { class: 'quiet' });
  const state = h('p', { class: 'ahead', role: 'status' });
  const fault = h('p', { class: 'fault', role: 'alert' });
  const note = h('p', { class: 'quiet' });
  const take = (c) => {
    ahead = Date.parse(c.now) - Date.now();
    state.textContent = c.ahead ? `+${span(c.ahead)}` : '';
    note.textContent = `${c.follows ? '' : 'The Redis that is configured has a time of its own: what it forgets by itself it forgets later. '}`
      + 'Real authenticator apps go by their own time, so that their codes are refused once this clock is ahead; the inspector’s are taken. '
      + 'A clock cannot be put back; start the server again to have the right time. What was stored meanwhile is then of the future: a code of an authenticator app that was used is not taken again before its time.';
  };
  const pass = async (seconds) => {
    const response = await ask('clock', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ ahead: seconds }) }).catch(() => undefined);
    fault.textContent = response?.ok ? '' : await response?.text() ?? 'The server does not answer.';
    if (!response?.ok) return;
    take(await response.json());
    tick();
    moved();
  };
  const tick = () => {
    const date = new Date(now());
    shown.textContent = date.toLocaleTimeString();
    day.textContent = date.toLocaleDateString(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  };
  every(10000, async () => {
    const c = await look('clock.json');
    if (c) take(c);
  });
  every(1000, tick);
  const by = [[60, '1 minute'], [600, '10 minutes'], [3600, '1 hour'], [86400, '1 day'], [7 * 86400, '1 week'], [30 * 86400, '30 days']];
  return {
    id: 'clock', label: 'Clock',
    el: h('div', {}, h('h3', {}, 'The server’s clock'), shown, day, state,
      h('p', { class: 'buttons', role: 'group', 'aria-label': 'put it ahead' }, by.map(([s, text]) => button(`+${text}`, () => pass(s)))), fault, note),
  };
}
