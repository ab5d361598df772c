// A virtual authenticator, so that passkeys can be tried where the browser has none: it stands in
// for navigator.credentials. It is on by itself where there is no platform authenticator, and
// can be switched. It must run before the module of the app, which looks at what there is.
import { base64url, bytes, keep, keys, make, raw, sign } from './virtual_keys.js';

const choice = 'stagedoor.virtual'; // on, off, or nothing: where it is needed
const real = globalThis.PublicKeyCredential;
const container = navigator.credentials;
const possible = Boolean(container && globalThis.crypto?.subtle); // neither on plain http
const native = {
  create: container?.create?.bind(container),
  get: container?.get?.bind(container),
  platform: real?.isUserVerifyingPlatformAuthenticatorAvailable?.bind(real),
  conditional: real?.isConditionalMediationAvailable?.bind(real),
};

const fault = (name, text) => new DOMException(text, name);

class Virtual extends EventTarget {
  possible = possible;
  /** Picks one of several keys; the one used last where nobody was asked to pick. */
  choose = async (list) => [...list].sort((a, b) => b.used - a.used)[0];
  /** What waits for a passkey in the autofill of a field. */
  waiting = undefined;
  #on;

  /** Whether it stands in for the browser. */
  on() {
    this.#on ??= this.#decide();
    return this.#on;
  }

  async #decide() {
    if (!possible) return false;
    const chosen = localStorage.getItem(choice);
    if (chosen) return chosen === 'on';
    return !(await native.platform?.().catch(() => false));
  }

  /** Switches it; what the app has found out already it finds out again after a reload. */
  set(on) {
    localStorage.setItem(choice, on ? 'on' : 'off');
    this.#on = Promise.resolve(on);
    this.tell();
  }

  list = keys;

  remove(id) {
    keep(keys().filter((k) => k.id !== id));
    this.tell();
  }

  /** The keys that a request takes. */
  fitting({ rpId, allowCredentials = [] }) {
    const allowed = allowCredentials.map((c) => base64url(raw(c.id)));
    return keys().filter((k) => k.rpId === rpId && (allowed.length === 0 || allowed.includes(k.id)));
  }

  tell() { this.dispatchEvent(new Event('change')); }
}

export const virtual = new Virtual();

// site is the RP id of a request, which must be a name that the page is under (section 5.1.3).
function site(given) {
  const id = given ?? location.hostname;
  if (id !== location.hostname && !location.hostname.endsWith(`.${id}`)) throw fault('SecurityError', `${location.hostname} is not under ${id}`);
  return id;
}

// credential dresses an answer up as what the browser would return.
function credential(answer, response, extensions) {
  const id = base64url(answer.id);
  const type = 'public-key';
  const authenticatorAttachment = 'platform';
  const plain = Object.fromEntries(Object.entries(response).filter(([, v]) => v instanceof ArrayBuffer).map(([k, v]) => [k, base64url(v)]));
  const value = (v) => ({ value: v, enumerable: true });
  return Object.create((globalThis.PublicKeyCredential ?? Object).prototype, {
    id: value(id),
    rawId: value(answer.id),
    type: value(type),
    authenticatorAttachment: value(authenticatorAttachment),
    response: value(response),
    getClientExtensionResults: value(() => extensions),
    toJSON: value(() => ({
      id, rawId: id, type, authenticatorAttachment, clientExtensionResults: extensions,
      response: { ...plain, ...(response.getTransports && { transports: response.getTransports(), publicKeyAlgorithm: -7, publicKey: base64url(response.getPublicKey()) }) },
    })),
  });
}

async function create({ publicKey, signal }) {
  signal?.throwIfAborted();
  const rpId = site(publicKey.rp.id);
  const algorithms = publicKey.pubKeyCredParams ?? [];
  if (algorithms.length > 0 && !algorithms.some((p) => p.alg === -7)) throw fault('NotSupportedError', 'the virtual authenticator signs by ES256 alone');
  const excluded = publicKey.excludeCredentials ?? [];
  if (excluded.length > 0 && virtual.fitting({ rpId, allowCredentials: excluded }).length > 0) {
    throw fault('InvalidStateError', 'the virtual authenticator has a key of this account already');
  }
  const made = await make({ ...publicKey, rpId });
  signal?.throwIfAborted();
  virtual.tell();
  return credential(made, {
    clientDataJSON: made.clientDataJSON,
    attestationObject: made.attestationObject,
    authenticatorData: made.authenticatorData,
    getAuthenticatorData: () => made.authenticatorData,
    getPublicKey: () => made.publicKey,
    getPublicKeyAlgorithm: () => -7,
    getTransports: () => ['internal'],
  }, publicKey.extensions?.credProps ? { credProps: { rk: true } } : {});
}

async function get({ publicKey, mediation, signal }) {
  signal?.throwIfAborted();
  const rpId = site(publicKey.rpId);
  const request = { ...publicKey, rpId };
  const key = mediation === 'conditional' ? await picked(request, signal) : await found(request);
  signal?.throwIfAborted();
  const { id, ...response } = await sign(key, request);
  virtual.tell();
  return credential({ id }, response, {});
}

// found is a key for a ceremony that somebody began by a button.
async function found(request) {
  const list = virtual.fitting(request);
  if (list.length === 0) throw fault('NotAllowedError', 'the virtual authenticator has no key for this');
  const key = list.length === 1 ? list[0] : await virtual.choose(list);
  if (!key) throw fault('NotAllowedError', 'nobody picked a key');
  return key;
}

// picked waits until somebody picks a key, as in the list that drops down from a field.
function picked(request, signal) {
  return new Promise((resolve, reject) => {
    const mine = { request, pick: (key) => { done(); resolve(key); } };
    const done = () => {
      if (virtual.waiting === mine) virtual.waiting = undefined;
      virtual.tell();
    };
    signal?.addEventListener('abort', () => { done(); reject(signal.reason); }, { once: true });
    virtual.waiting = mine;
    virtual.tell();
  });
}

// decoded are options with what is text in JSON as bytes (section 5.1.9).
const decoded = (json) => {
  const list = (of) => of?.map((c) => ({ ...c, id: bytes(c.id) }));
  return {
    ...json, challenge: bytes(json.challenge),
    ...(json.user && { user: { ...json.user, id: bytes(json.user.id) } }),
    ...(json.excludeCredentials && { excludeCredentials: list(json.excludeCredentials) }),
    ...(json.allowCredentials && { allowCredentials: list(json.allowCredentials) }),
  };
};

// signalled takes keys off that the server says it does not have (section 5.1.10).
const signalled = {
  signalUnknownCredential: ({ rpId, credentialId }) => keep(keys().filter((k) => k.rpId !== rpId || k.id !== credentialId)),
  signalAllAcceptedCredentials: ({ rpId, userId, allAcceptedCredentialIds: ids }) => keep(keys().filter((k) => k.rpId !== rpId || k.user.id !== userId || ids.includes(k.id))),
  signalCurrentUserDetails: ({ rpId, userId, name, displayName }) => keep(keys().map((k) => (k.rpId === rpId && k.user.id === userId ? { ...k, user: { ...k.user, name, displayName } } : k))),
};

// install puts all of it in the browser's place. Whatever is asked while it is off goes to the
// browser itself.
function install() {
  const has = globalThis.PublicKeyCredential ?? (globalThis.PublicKeyCredential = class PublicKeyCredential {});
  container.create = async (o) => (o?.publicKey && await virtual.on() ? create(o) : native.create(o));
  container.get = async (o) => (o?.publicKey && await virtual.on() ? get(o) : native.get(o));
  has.isUserVerifyingPlatformAuthenticatorAvailable = async () => await virtual.on() || Boolean(await native.platform?.());
  has.isConditionalMediationAvailable = async () => await virtual.on() || Boolean(await native.conditional?.());
  has.parseCreationOptionsFromJSON ??= decoded;
  has.parseRequestOptionsFromJSON ??= decoded;
  for (const [name, take] of Object.entries(signalled)) {
    const browsers = has[name]?.bind(has);
    has[name] = async (o) => {
      if (!(await virtual.on())) return browsers?.(o);
      take(o);
      virtual.tell();
      return undefined;
    };
  }
}

// Where the browser knows nothing of passkeys and the switch is off it stays like that.
if (possible && (real || localStorage.getItem(choice) !== 'off')) install();
