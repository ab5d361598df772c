// An API that takes the access tokens of a stagedoor server: it knows no secret, asks the server
// for its public keys and for nothing else, and wants a proof with every token that is bound to
// a key (DPoP, RFC 9449).
//
//	ISSUER=https://auth.example.com ORIGIN=https://api.example.com PORT=8090 node server.mjs
//
// ISSUER is the public_url of stagedoor, ORIGIN what clients call this API.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { calculateJwkThumbprint, createRemoteJWKSet, EmbeddedJWK, errors, jwtVerify } from 'jose';

const { ISSUER: issuer, PORT: port = '8090' } = process.env;
let origin = process.env.ORIGIN;
const algorithms = ['ES256', 'EdDSA', 'ES384', 'RS256'];
const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', issuer), { cooldownDuration: 3_000, timeoutDuration: 3_000 });
const window = 60; // seconds that a proof may be old
const ahead = 5; // seconds that a client's clock may be before this one

// Proofs that came, with when each is too old to come again. An API of several servers keeps them
// where all of them look: in a store with SET NX, for example.
const seen = new Map();

function first(id) {
  const now = Date.now();
  for (const [old, until] of seen) { // the oldest first
    if (until > now) break;
    seen.delete(old);
  }
  if (seen.has(id)) return false;
  seen.set(id, now + (window + 2 * ahead) * 1000);
  return true;
}

class Refused extends Error {}
class Unavailable extends Error {}

// The key that a token names. Whatever else happens on the way is no fault of the token's.
const find = (header, token) => keys(header, token).catch((error) => {
  throw error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys ? error : new Unavailable('the keys cannot be asked for');
});

const sha256 = (text) => createHash('sha256').update(text).digest('base64url');

// What is asked is the address without query and fragment (RFC 9449, section 4.3).
function plain(address) {
  if (!URL.canParse(address)) return undefined;
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}

// The thumbprint of the key that a request proves to hold, for this request and this token.
async function provenKey(request, token) {
  const sent = request.headersDistinct.dpop ?? [];
  if (sent.length !== 1) throw new Refused('invalid_dpop_proof');
  const { payload, protectedHeader } = await jwtVerify(sent[0], EmbeddedJWK, {
    typ: 'dpop+jwt', algorithms, maxTokenAge: window, clockTolerance: ahead, requiredClaims: ['jti'],
  }).catch(() => { throw new Refused('invalid_dpop_proof'); });
  const key = await calculateJwkThumbprint(protectedHeader.jwk);
  const { pathname } = new URL(request.url, origin); // of an address in full, too
  if (payload.htm !== request.method || plain(payload.htu) !== plain(origin + pathname) || payload.ath !== sha256(token) ||
    typeof payload.jti !== 'string' || !first(sha256(`${key} ${payload.jti}`))) throw new Refused('invalid_dpop_proof');
  return key;
}

// What the token of a request says, once the request has shown that it may use it.
async function who(request) {
  const [, scheme, token] = /^(DPoP|Bearer) (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (!token) throw new Refused('no token');
  const { payload } = await jwtVerify(token, find, { issuer, algorithms: ['RS256', 'ES256', 'EdDSA'], requiredClaims: ['exp', 'sub'] })
    .catch((error) => { throw error instanceof Unavailable ? error : new Refused('invalid_token'); });
  // Refresh tokens are signed by the same keys, and open nothing here.
  if (payload.token_use !== 'access') throw new Refused('invalid_token');
  const dpop = scheme.toLowerCase() === 'dpop';
  // A bound token is no bearer's, and no other has a key to prove.
  if (dpop !== ('cnf' in payload)) throw new Refused('invalid_token');
  if (dpop && await provenKey(request, token) !== payload.cnf.jkt) throw new Refused('invalid_token');
  return { account: payload.sub, bound: dpop };
}

const server = createServer(async (request, response) => {
  const answer = (status, body, headers) => response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  if (request.method !== 'GET' || new URL(request.url, origin).pathname !== '/me') return answer(404, {});
  try {
    answer(200, await who(request));
  } catch (error) {
    if (!(error instanceof Refused)) return answer(error instanceof Unavailable ? 503 : 500, { error: error.message });
    const said = error.message === 'no token' ? '' : `, error="${error.message}"`;
    answer(401, { error: error.message }, { 'WWW-Authenticate': [`DPoP algs="${algorithms.join(' ')}"${said}`, 'Bearer'] });
  }
});

server.listen(Number(port), '127.0.0.1', () => {
  origin ??= `http://127.0.0.1:${server.address().port}`;
  console.log(`listens on http://127.0.0.1:${server.address().port}`);
});
