// Times in words.
import { h } from './dom.js';
import { lang } from './page.js';
import { t } from './texts.js';

const units = [['year', 31536000], ['month', 2592000], ['week', 604800], ['day', 86400], ['hour', 3600], ['minute', 60]];
const words = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });

// relative says how far a number of seconds is from now: behind it if it is below zero.
function relative(seconds) {
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return words.format(Math.trunc(seconds / length), unit);
  }
  return '';
}

// ago is a time in seconds since 1970, said from now; the exact one is its title.
export function ago(at) {
  const date = new Date(at * 1000);
  return h('time', { datetime: date.toISOString(), title: new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeStyle: 'short' }).format(date) },
    relative(Math.min(0, at - Date.now() / 1000)) || t('time.now'));
}

// lasting is a number of seconds as a length of time, by the largest unit that it is whole in.
export function lasting(seconds) {
  const [unit, length] = units.find(([name, size]) => seconds % size === 0 && name !== 'year' && name !== 'month') ?? ['second', 1];
  return new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(seconds / length);
}

// until says when a number of seconds will be over, and rather too late than too early.
export const until = (seconds) => relative(seconds < 3600 && seconds > 60 ? 60 * Math.ceil(seconds / 60) : seconds) || words.format(Math.ceil(seconds), 'second');

// day is the date of a time in seconds since 1970.
export const day = (at) => new Intl.DateTimeFormat(lang, { dateStyle: 'long' }).format(new Date(at * 1000));

// around puts an element into a text where {time} stands.
export function around(key, el) {
  const [before, after] = t(key, { time: '\u0000' }).split('\u0000');
  return h('span', {}, before, el, after ?? '');
}
