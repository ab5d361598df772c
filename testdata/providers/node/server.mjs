// Serves oidc-provider in as many configurations as stand on the standard input, one to a port,
// with the pages that it has for development: whoever types a name is that person.
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'

/** Makes a private key as a JWK, for an algorithm. */
function key(alg) {
  const of = {
    RS: ['rsa', { modulusLength: 2048 }],
    PS: ['rsa', { modulusLength: 2048 }],
    ES256: ['ec', { namedCurve: 'P-256' }],
    ES384: ['ec', { namedCurve: 'P-384' }],
    ES512: ['ec', { namedCurve: 'P-521' }],
    Ed: ['ed25519'],
  }
  const [kind, options] = of[alg] ?? of[alg.slice(0, 2)] ?? of.RS
  const jwk = generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' })
  return { ...jwk, kid: randomUUID(), use: 'sig' }
}

/** The account of a name: its claims are those of the configuration, with {name} in them filled in. */
function person(row, name) {
  const filled = (text) => text.replaceAll('{name}', name.split('@')[0]).replaceAll('{email}', name)
  const sub = filled(row.sub ?? '{name}')
  return {
    accountId: name,
    claims: async () => ({ ...JSON.parse(filled(JSON.stringify(row.claims))), sub }),
  }
}

/** A provider of a configuration, with keys that nobody has seen. */
function provider(row) {
  const made = new Provider(row.issuer, {
    clients: [row.client],
    jwks: { keys: row.keys.map(key) },
    cookies: { keys: ['of no worth'] },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name', 'groups'] },
    conformIdTokenClaims: row.claims_apart ?? false,
    subjectTypes: ['public', 'pairwise'],
    pairwiseIdentifier: async (_, id) => 'pairwise-' + id.split('@')[0],
    enabledJWA: {
      idTokenEncryptionAlgValues: ['ECDH-ES'],
      idTokenSigningAlgValues: ['HS256', 'RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
      userinfoSigningAlgValues: ['HS256', 'RS256', 'PS256', 'ES256'],
      clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA', 'HS256'],
      ...row.algorithms,
    },
    clientAuthMethods: row.auth_methods ?? ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none'],
    features: { jwtUserinfo: { enabled: true }, backchannelLogout: { enabled: true }, encryption: { enabled: true }, devInteractions: { enabled: true }, ...row.features },
    // The clocks of the tests are ahead at times.
    clockTolerance: 172800,
    ttl: { IdToken: 172800, AccessToken: 172800 },
    // It tells nobody on this machine of sign-outs otherwise.
    fetch: (url, { dispatcher, ...options }) => fetch(url, options),
    findAccount: async (_, name) => person(row, name),
  })
  made.proxy = true
  return made.callback()
}

const rows = JSON.parse(await new Response(process.stdin).text())
const addresses = {}
for (const row of rows) {
  let serve = provider(row)
  const below = new URL(row.issuer).pathname.replace(/\/$/, '')
  const server = createServer((request, response) => {
    if (request.url === '/rotate') {
      serve = provider(row)
      response.end()
      return
    }
    // As frameworks do that mount it on a path.
    request.originalUrl = request.url
    request.baseUrl = below
    request.url = request.url.slice(below.length) || '/'
    serve(request, response)
  })
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening))
  addresses[row.name] = `127.0.0.1:${server.address().port}`
}
console.log(JSON.stringify(addresses))
