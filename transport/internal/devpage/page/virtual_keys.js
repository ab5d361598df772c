// The keys of the virtual authenticator and what it signs with them: WebCrypto's ES256, in the
// forms of WebAuthn (Level 3, sections 6.1 and 6.5). They lie in localStorage, private parts
// included: they are for trying things out, and open nothing but accounts of this server.
const place = 'stagedoor.virtual.keys';

// All keys, the newest first: { id, rpId, user: { id, name, displayName }, jwk, count, made, used }.
export const keys = () => JSON.parse(localStorage.getItem(place) ?? '[]');
export const keep = (list) => localStorage.setItem(place, JSON.stringify(list));

export const base64url = (source) => btoa(String.fromCharCode(...raw(source)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
export const bytes = (text) => Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));

const join = (...parts) => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  parts.reduce((at, p) => (out.set(p, at), at + p.length), 0);
  return out;
};
const sha256 = async (data) => new Uint8Array(await crypto.subtle.digest('SHA-256', data));
const utf8 = (text) => new TextEncoder().encode(text);
const big = (n, size) => Uint8Array.from({ length: size }, (_, i) => (n >>> (8 * (size - 1 - i))) & 0xff);

// cbor writes what an attestation is made of (RFC 8949, section 3): whole numbers, texts, bytes and maps.
function cbor(value) {
  const head = (major, n) => (n < 24 ? Uint8Array.of((major << 5) | n)
    : n < 256 ? Uint8Array.of((major << 5) | 24, n) : join(Uint8Array.of((major << 5) | 25), big(n, 2)));
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return join(head(3, utf8(value).length), utf8(value));
  if (value instanceof Uint8Array) return join(head(2, value.length), value);
  return join(head(5, value.size), ...[...value].flatMap(([k, v]) => [cbor(k), cbor(v)]));
}

// Flags of authenticator data: somebody is there, it is known who, a credential is attached.
const [present, verified, attached] = [0x01, 0x04, 0x40];
const signs = { name: 'ECDSA', namedCurve: 'P-256' };

const clientData = (type, challenge) => utf8(JSON.stringify({ type, challenge: base64url(challenge), origin: location.origin, crossOrigin: false }));

// raw are the bytes of what WebAuthn takes, buffer is what it hands out.
const buffer = (b) => b.buffer.slice(b.byteOffset, b.byteOffset + b.byteLength);
export const raw = (source) => (source instanceof ArrayBuffer ? new Uint8Array(source) : new Uint8Array(source.buffer, source.byteOffset, source.byteLength));

// make makes a key for somebody at a site, in place of the one that they had there, and
// returns what the authenticator answers.
export async function make({ challenge, rpId, user }) {
  const pair = await crypto.subtle.generateKey(signs, true, ['sign', 'verify']);
  const jwk = await crypto.subtle.exportKey('jwk', pair.privateKey);
  const id = crypto.getRandomValues(new Uint8Array(16));
  const cose = cbor(new Map([[1, 2], [3, -7], [-1, 1], [-2, bytes(jwk.x)], [-3, bytes(jwk.y)]])); // RFC 9053, section 7.1.1
  const authData = join(await sha256(utf8(rpId)), Uint8Array.of(present | verified | attached), big(0, 4),
    new Uint8Array(16), big(id.length, 2), id, cose);
  const now = Date.now();
  const person = { id: base64url(raw(user.id)), name: user.name, displayName: user.displayName };
  keep([{ id: base64url(id), rpId, user: person, jwk, count: 0, made: now, used: now },
    ...keys().filter((k) => k.rpId !== rpId || k.user.id !== person.id)]);
  return {
    id: buffer(id),
    clientDataJSON: buffer(clientData('webauthn.create', raw(challenge))),
    attestationObject: buffer(cbor(new Map([['fmt', 'none'], ['attStmt', new Map()], ['authData', authData]]))),
    authenticatorData: buffer(authData),
    publicKey: await crypto.subtle.exportKey('spki', pair.publicKey),
  };
}

// sign answers a challenge with a key, and counts.
export async function sign(key, { challenge, rpId }) {
  const count = key.count + 1;
  keep(keys().map((k) => (k.id === key.id ? { ...k, count, used: Date.now() } : k)));
  const authData = join(await sha256(utf8(rpId)), Uint8Array.of(present | verified), big(count, 4));
  const data = clientData('webauthn.get', raw(challenge));
  const secret = await crypto.subtle.importKey('jwk', key.jwk, signs, false, ['sign']);
  const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, secret, join(authData, await sha256(data)));
  return {
    id: buffer(bytes(key.id)),
    clientDataJSON: buffer(data),
    authenticatorData: buffer(authData),
    signature: buffer(der(new Uint8Array(signature))),
    userHandle: buffer(bytes(key.user.id)),
  };
}

// der writes the two halves of a signature as WebAuthn has them (RFC 3279, section 2.2.3).
function der(signature) {
  const whole = (half) => {
    let n = half.slice(half.findIndex((b, i) => b !== 0 || i === half.length - 1));
    if (n[0] & 0x80) n = join(Uint8Array.of(0), n);
    return join(Uint8Array.of(0x02, n.length), n);
  };
  const both = join(whole(signature.slice(0, 32)), whole(signature.slice(32)));
  return join(Uint8Array.of(0x30, both.length), both);
}
