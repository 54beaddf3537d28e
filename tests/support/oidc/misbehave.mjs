// What a provider that errs or lies could say instead of what the real one said.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const fromFrontend = createRequire(new URL('../../../frontend/package.json', import.meta.url))
const jose = await import(pathToFileURL(fromFrontend.resolve('jose')))

/** `said` with `how.members` in place of its own (null takes one away) and its ID token forged as `how.token` says. */
export async function altered(said, how, truth) {
  const answer = replaced(said, how.members)
  if (how.token && answer.id_token) answer.id_token = await forged(answer.id_token, how.token, truth)
  return answer
}

function replaced(object, members = {}) {
  return Object.fromEntries(Object.entries({ ...object, ...members }).filter(([, value]) => value !== null))
}

/** A token with other claims or header, signed by the provider's own key unless `by` says otherwise. */
async function forged(token, { claims, header, by = 'own' }, truth) {
  const said = replaced(jose.decodeJwt(token), claims)
  const head = replaced(jose.decodeProtectedHeader(token), header)
  if (by === 'none') return `${encode({ ...head, alg: 'none' })}.${encode(said)}.`
  if (by === 'nobody') return `${encode(head)}.${encode(said)}.${Buffer.alloc(256).toString('base64url')}`
  const signing = { own: own, stranger: stranger, secret: withSecret, public: withPublicKey }[by]
  const [key, alg] = await signing(truth)
  return new jose.SignJWT(said).setProtectedHeader({ ...head, alg }).sign(key)
}

const encode = (part) => Buffer.from(JSON.stringify(part)).toString('base64url')

const own = async ({ key }) => [await jose.importJWK(key, 'RS256'), 'RS256']

const stranger = async () => [(await jose.generateKeyPair('RS256')).privateKey, 'RS256']

const withSecret = async ({ secret }) => [Buffer.from(secret), 'HS256']

/** Key confusion: the public key, which everybody has, taken for a shared secret. */
async function withPublicKey({ key: { kty, n, e } }) {
  return [Buffer.from(await jose.exportSPKI(await jose.importJWK({ kty, n, e }, 'RS256'))), 'HS256']
}
