// What a provider that errs or lies could say instead of what the real one said.
import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'

/** `said` with `how.members` in place of its own (null takes one away) and its ID token forged as `how.token` says. */
export function altered(said, how, truth) {
  const answer = replaced(said, how.members)
  if (how.token && answer.id_token) answer.id_token = forged(answer.id_token, how.token, truth)
  return answer
}

function replaced(object, members = {}) {
  return Object.fromEntries(Object.entries({ ...object, ...members }).filter(([, value]) => value !== null))
}

/** A token with other claims or header, signed with the provider's own key unless `by` says otherwise. */
function forged(token, { claims, header, by = 'own' }, truth) {
  const [head, said] = token.split('.').map((part) => Buffer.from(part, 'base64url').toString())
  const { alg, signature } = signers[by](truth)
  const parts = [{ ...JSON.parse(head), alg, ...header }, { ...JSON.parse(said), ...claims }]
  const signed = parts.map((part) => Buffer.from(JSON.stringify(replaced(part))).toString('base64url')).join('.')
  return `${signed}.${signature(signed).toString('base64url')}`
}

const withKey = (key) => ({ alg: 'RS256', signature: (signed) => sign('sha256', Buffer.from(signed), key) })

const withSecret = (secret) => ({ alg: 'HS256', signature: (signed) => createHmac('sha256', secret).update(signed).digest() })

const signers = {
  own: ({ key }) => withKey(createPrivateKey({ key, format: 'jwk' })),
  stranger: () => withKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey),
  nobody: () => ({ alg: 'RS256', signature: () => Buffer.alloc(256) }),
  none: () => ({ alg: 'none', signature: () => Buffer.alloc(0) }),
  secret: ({ secret }) => withSecret(secret),
  // key confusion: the public key, which everybody has, taken for a shared secret
  public: ({ key }) => withSecret(createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })),
}
