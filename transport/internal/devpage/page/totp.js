// An authenticator app in the page (RFC 6238), for who has none at hand. It learns a secret when the
// app shows one to be set up, and keeps it for this tab.
const place = 'stagedoor.inspector.totp';
const get = () => JSON.parse(sessionStorage.getItem(place) ?? 'null') ?? {};
const set = (value) => sessionStorage.setItem(place, JSON.stringify(value));

// learn takes the secret out of an exchange that has one, and forgets it with the authenticator.
export function learn({ method, path, status, answer }) {
  if (!/account\/authenticators\/totp$/.test(path)) return;
  const url = answer?.meta?.totp_url ?? answer?.data?.totp_url;
  if (url) set({ url, spent: '' });
  if (method === 'DELETE' && status === 200) set({});
}

// code is what the authenticator shows at a time in milliseconds, with the seconds that it lasts;
// undefined where there is none. One that was entered works no more.
export async function code(now) {
  const { url, spent } = get();
  if (!url || !globalThis.crypto?.subtle) return undefined;
  const shown = await totp(url, now / 1000);
  return { ...shown, spent: spent === shown.code };
}

export const spend = (shown) => set({ ...get(), spent: shown });

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
