// An authenticator app for the page itself (RFC 6238), for who has none at hand.
import { h, kept } from './dom.js';
import { fill } from './forms.js';

// remember keeps an otpauth: URL for this tab, one for each account; forget drops all.
export function remember(url) {
  kept.set('authenticator', { ...kept.get('authenticator'), [new URL(url).pathname]: url });
}

export const forget = () => kept.set('authenticator', null);

// codes shows the codes of now, each as a button that enters it, once; nothing where the
// page knows no secret, or the browser has no cryptography (it has none on plain http).
export function codes() {
  const known = Object.entries(kept.get('authenticator') ?? {});
  if (known.length === 0 || !globalThis.crypto?.subtle) return undefined;
  const rows = known.map(([label, url]) => {
    const enter = () => {
      kept.set('entered', { ...kept.get('entered'), [label]: button.textContent });
      fill(button.textContent);
    };
    const button = h('button', { type: 'button', class: 'plain mono', 'data-totp': true, onclick: enter });
    const left = h('small');
    return { el: h('li', {}, button, ' ', h('small', {}, decodeURIComponent(label.split('/').pop())), ' ', left), url, label, button, left };
  });
  const el = h('div', { class: 'authenticator' },
    h('p', { class: 'quiet' }, 'No app at hand? This page can be one. Each code works once.'), h('ul', {}, rows.map((r) => r.el)));
  const tick = async () => {
    for (const r of rows) {
      const { code, left } = await totp(r.url, Date.now() / 1000);
      r.button.textContent = code;
      r.button.disabled = kept.get('entered')?.[r.label] === code;
      r.left.textContent = r.button.disabled ? `the next in ${left} s` : `${left} s`;
    }
    if (el.isConnected) setTimeout(tick, 1000);
  };
  queueMicrotask(tick);
  return el;
}

// totp is the code of an otpauth: URL at a time in seconds, and how long it lasts.
async function totp(url, now) {
  const params = new URL(url).searchParams;
  const period = Number(params.get('period') ?? 30);
  const digits = Number(params.get('digits') ?? 6);
  const hash = (params.get('algorithm') ?? 'SHA1').replace('SHA', 'SHA-');
  const key = await crypto.subtle.importKey('raw', base32(params.get('secret')), { name: 'HMAC', hash }, false, ['sign']);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(now / period)));
  const mac = new DataView(await crypto.subtle.sign('HMAC', key, counter));
  const at = mac.getUint8(mac.byteLength - 1) & 0x0f;
  const number = (mac.getUint32(at) & 0x7fffffff) % 10 ** digits;
  return { code: String(number).padStart(digits, '0'), left: Math.ceil(period - (now % period)) };
}

// base32 reads RFC 4648, section 6, with or without padding.
function base32(text) {
  const out = [];
  let bits = 0;
  let value = 0;
  for (const c of text.toUpperCase().replace(/=+$/, '')) {
    value = (value << 5) | 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out.push((value >> bits) & 0xff);
    value &= (1 << bits) - 1;
  }
  return new Uint8Array(out);
}
