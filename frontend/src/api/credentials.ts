import { fetchAsPerson } from './fetch-as-person'
import { problemOf } from './problem'
import { rest, rowsOf } from './rest'

/** A login of one's own that counts. */
export interface Session {
  jti: string
  is_current: boolean
  created_at: string
  last_used_at: string | null
  last_used_address: string | null
  first_address: string | null
  first_agent: string | null
}

/** A program's token of one's own that counts; the token itself is nowhere kept. */
export interface ApiToken {
  jti: string
  name: string
  role: string
  read_only: boolean
  expires_at: string
  last_used_at: string | null
  last_used_address: string | null
}

/** A person at an identity provider who is this account. */
export interface Identity {
  id: number
  issuer: string
  created_at: string
}

export interface WantedToken {
  name: string
  role: string
  read_only: boolean
  days: number
}

async function listOwn<T extends Session | ApiToken>(view: 'sessions' | 'api_tokens', publicId: string): Promise<T[]> {
  const query = (await rest()).from(view).select('*').eq('user_public_id', publicId).is('revoked_at', null)
  const counting = query.gt('expires_at', new Date().toISOString()).order('created_at', { ascending: false })
  return rowsOf<object[]>(await counting) as T[]
}

export const listSessions = (publicId: string) => listOwn<Session>('sessions', publicId)
export const listApiTokens = (publicId: string) => listOwn<ApiToken>('api_tokens', publicId)

export async function revoke(jti: string) {
  rowsOf(await (await rest()).rpc('revoke', { jti }))
}

export async function listIdentities(publicId: string): Promise<Identity[]> {
  const own = (await rest()).from('identities').select('id,issuer,created_at').eq('user_public_id', publicId)
  return rowsOf<Identity[]>(await own.order('id'))
}

/** Ends the sessions that came by it, too. */
export async function unlink(id: number) {
  rowsOf(await (await rest()).from('identities').delete().eq('id', id))
}

/** All one's own sessions but this one, or all one's own tokens. */
export async function revokeAll(what: 'sessions' | 'api_tokens') {
  rowsOf(await (await rest()).rpc('revoke_all', { what }))
}

/** A new token, which is shown this once. */
export async function makeApiToken(wanted: WantedToken): Promise<string> {
  const response = await fetchAsPerson('/auth/tokens', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(wanted),
  })
  const body = (await response.json().catch(() => null)) as { access_token: string } | null
  if (!response.ok || body === null) throw problemOf(response.status, body)
  return body.access_token
}
