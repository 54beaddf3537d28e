import { rest, rowsOf } from './rest'

/** Ends all sessions, tokens or both of somebody; the session that asks goes on. Returns how many. */
export async function revokeAllOf(userPublicId: string, what: 'sessions' | 'api_tokens'): Promise<number> {
  return rowsOf<number>(await (await rest()).rpc('revoke_all', { what, user_public_id: userPublicId }))
}
