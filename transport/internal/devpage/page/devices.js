// Sessions that are bound to a device: what browsers and apps have come to lately. Browsers speak
// of it with the server alone, so the server tells.
import { every, look } from './place.js';
import { h, time } from './dom.js';

const words = {
  offered: 'was offered to bind its session', bound: 'has bound its session', challenged: 'was asked for a signature', refreshed: 'has fetched a new cookie',
  ended: 'was told that its session is over', proved: 'has shown its key', skipped: 'has come without a new cookie', refused: 'was refused',
};
const reasons = {
  missing: 'there was no cookie of its key', expired: 'its cookie was too old', forged: 'its cookie was not made here', replaced: 'its cookie was replaced by a newer one', signature: 'what it signed was not good, or not for now',
  unheld: 'a page of another site led it here, and it did not wait for its cookie', skipped: 'it says that it could not fetch its cookie',
  not_bound: 'it binds no more, and should', no_proof: 'a token came without a proof', wrong_key: 'the proof was of another key', replayed: 'the proof was used before',
  invalid_token: 'the token is not of this key, or over', invalid_dpop_proof: 'the proof was not good', use_dpop_nonce: 'a nonce was wanted',
  quota_exceeded: 'the browser makes no more signatures for now', unreachable: 'it could not reach the server', server_error: 'the server had failed',
};

function setting({ setting: is, secure, origin }) {
  if (is === 'off') return 'session.device_bound is off: no session is bound, and nothing is seen here.';
  const who = secure ? 'Browsers that can and apps that show proofs' : 'Apps that show proofs';
  return `session.device_bound is ${is}. ${who} bind their sessions to a key of the device.${secure ? '' : ` Browsers bind over https alone, and this is ${origin}.`}`;
}

// devices makes the tab. count is told how many refusals there are that nobody has seen.
export function devices(count) {
  const about = h('p', { class: 'quiet' });
  const list = h('ol', { class: 'keys' });
  let told = { happenings: [] };
  let seen; // the newest that somebody has looked at, by the server's clock, which may be ahead
  let drawn = '';
  const newest = () => Date.parse(told.happenings[0]?.at ?? 0);
  const tab = { id: 'devices', label: 'Bound', el: h('div', {}, h('h3', {}, 'Sessions bound to a device'), about, list), shown: () => { seen = newest(); } };
  every(3000, async () => {
    told = await look('bindings.json') ?? told;
    seen ??= newest();
    const now = JSON.stringify(told);
    if (told.setting && now !== drawn) {
      about.textContent = setting(told);
      list.replaceChildren(...told.happenings.map(happening));
    }
    drawn = now;
    count(told.happenings.filter((x) => x.what === 'refused' && Date.parse(x.at) > seen).length);
  });
  return tab;
}

function happening({ at, times, kind, what, why, where, agent }) {
  const who = agent === navigator.userAgent ? 'This browser' : kind === 'dbsc' ? 'A browser' : 'An app';
  const says = `${who} ${words[what] ?? what}${times > 1 ? `, ${times} times` : ''}${why ? `: ${reasons[why] ?? why}` : ''}`;
  return h('li', { 'data-what': what }, h('div', {}, h('b', {}, `${says}.`),
    h('p', { class: 'quiet' }, kind === 'dbsc' ? 'cookie' : 'token', where && `, ${where}`, who !== 'This browser' && agent ? `, ${agent}` : '')), time(at));
}
