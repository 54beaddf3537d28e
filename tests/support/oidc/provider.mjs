// A real identity provider (oidc-provider) on 127.0.0.1, told by POST /control who its people are and how it misbehaves.
// Prints its address when it listens; ends with its standard input.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { altered } from './misbehave.mjs'

const fromFrontend = createRequire(new URL('../../../frontend/package.json', import.meta.url))
const { default: Provider } = await import(pathToFileURL(fromFrontend.resolve('oidc-provider')))

const server = createServer(handle).listen(0, '127.0.0.1', start)
process.stdin.resume().on('end', () => process.exit())

const secret = process.env.CLIENT_SECRET
const redirects = JSON.parse(process.env.REDIRECT_URIS)
const asked = {} // how often each path was asked for
let people = {} // claims by account; null: gone
let refreshTokens = false
let misbehaviour = {}
let provider, key, kids = 0

function start() {
  rotate()
  console.log(issuer())
}

const issuer = () => `http://127.0.0.1:${server.address().port}`

/** A provider with a new signing key; the one before is gone. */
function rotate() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  key = { ...privateKey.export({ format: 'jwk' }), kid: `key-${++kids}`, alg: 'RS256', use: 'sig' }
  const grants = { grant_types: ['authorization_code', 'refresh_token'] }
  const client = { client_id: 'webmacs', client_secret: secret, redirect_uris: redirects, ...grants }
  provider = new Provider(issuer(), {
    clients: [client],
    jwks: { keys: [key] },
    cookies: { keys: ['a key of cookies'] },
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name', 'preferred_username'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/people/${interaction.uid}` },
    findAccount: (_, id) => (people[id] === null ? undefined : { accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    // one that was used before ends all that came of the same login
    issueRefreshToken: () => refreshTokens,
    rotateRefreshToken: true,
    renderError: (ctx, out) => (ctx.body = out),
  })
}

async function handle(request, response) {
  const url = new URL(request.url, issuer())
  asked[url.pathname] = (asked[url.pathname] ?? 0) + 1
  if (url.pathname === '/control') return control(request, response)
  if (misbehaviour.silent) return
  if (url.pathname.startsWith('/people/')) return interact(request, response, url)
  if (misbehaviour[url.pathname]) return misbehave(request, response, misbehaviour[url.pathname])
  provider.callback()(request, response)
}

async function control(request, response) {
  const told = JSON.parse((await read(request)) || '{}')
  people = { ...people, ...told.people }
  misbehaviour = told.misbehaviour ?? misbehaviour
  refreshTokens = told.refreshTokens ?? refreshTokens
  if (told.rotate) rotate()
  response.setHeader('Content-Type', 'application/json').end(JSON.stringify(asked))
}

/** Asks who somebody is and believes it; `cancel` refuses to let the client know. */
async function interact(request, response, url) {
  const { prompt, params } = await provider.interactionDetails(request, response)
  const account = url.searchParams.get('account')
  if (url.searchParams.has('cancel')) return finish(request, response, { error: 'access_denied', error_description: '<b>no</b>' })
  if (prompt.name === 'consent') return finish(request, response, await consent(await whose(request, response), params))
  if (account) return finish(request, response, { login: { accountId: account } })
  response.setHeader('Content-Type', 'text/html').end(`<!doctype html><title>Provider</title><link rel="icon" href="data:,">
    <form><label>Account <input name="account"></label><button>Continue</button></form>
    <a href="?cancel">Cancel</a>`)
}

const finish = (...result) => provider.interactionFinished(...result, { mergeWithLastSubmission: true })

const whose = async (...exchange) => (await provider.interactionDetails(...exchange)).session.accountId

async function consent(accountId, params) {
  const grant = new provider.Grant({ accountId, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  return { consent: { grantId: await grant.save() } }
}

/** Lets the real provider answer, and alters what it said. */
async function misbehave(request, response, how) {
  const body = []
  const { setHeader, end } = response
  response.setHeader = (name, ...value) => name.toLowerCase() !== 'content-length' && setHeader.call(response, name, ...value)
  response.write = (chunk) => body.push(Buffer.from(chunk))
  response.end = (chunk) => {
    if (chunk) body.push(Buffer.from(chunk))
    const said = JSON.parse(Buffer.concat(body).toString())
    if (how.status) response.statusCode = how.status
    end.call(response, how.body ?? JSON.stringify(altered(said, how, { key, secret })))
  }
  provider.callback()(request, response)
}

async function read(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
