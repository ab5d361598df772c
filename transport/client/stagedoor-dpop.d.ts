/**
 * Sessions of apps that a thief cannot use: tokens bound to a key of this device (DPoP, RFC 9449).
 * The key is made at the first use, in IndexedDB, and no script can read it out of there; every
 * request is sent with a proof of it. A server that knows nothing of it goes on as before.
 */

import type { AuthOptions } from './stagedoor.js';

/** A key that is kept elsewhere, such as in the keychain of a telephone. */
export interface DPoPKey {
  alg: 'ES256' | 'ES384' | 'EdDSA' | 'RS256';
  /** The public key (RFC 7517). */
  jwk: { kty?: string; crv?: string; x?: string; y?: string; n?: string; e?: string };
  /** Signs as JWS wants it (RFC 7518, section 3): with ECDSA that is r and s, one after the other. */
  sign(data: ArrayBuffer): Promise<ArrayBuffer>;
}

export interface DPoPOptions {
  /** Which key of this origin, where there are several: `stagedoor` if left out. Tabs share it. */
  name?: string;
  /**
   * Instead of one in IndexedDB, which node has not: without it the key is made anew whenever a
   * program begins, and somebody signs in anew.
   */
  key?: () => Promise<DPoPKey>;
}

export interface DPoP {
  /** The option `dpop` of `createAuth` calls it. */
  bind(options: AuthOptions): AuthOptions;
  /** `fetch` with a proof, and for `Authorization: Bearer` with a bound JWT under the scheme `DPoP`. */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** The header `DPoP` of one request, and of one alone; `token` is the one that goes with it. */
  proof(method: string, url: string | URL, token?: string): Promise<string>;
  /** Which key it is (RFC 7638, SHA-256): the `cnf.jkt` of tokens. */
  thumbprint(): Promise<string>;
}

/** Throws a `TypeError` where there is no `crypto.subtle`: browsers have it on https and localhost. */
export function createDPoP(options?: DPoPOptions): DPoP;
