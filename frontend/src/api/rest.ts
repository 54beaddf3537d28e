import { PostgrestClient } from '@supabase/postgrest-js'
import { useSession } from '@/accounts/session'
import { restUrl } from './config'
import { problemOf, unreachable } from './problem'

/** The database ends a reader's statement earlier; what takes longer hangs. */
const LONGEST_MS = 30_000

/** With a token that counts; if it was refused all the same, as after this clock was set, once more with the next. */
const fetchAsPerson: typeof fetch = async (input, init) => {
  const session = useSession()
  const answer = await fetchWith(await session.currentToken(), input, init)
  return answer.status === 401 ? fetchWith(await session.renew(), input, init) : answer
}

function fetchWith(token: string, input: RequestInfo | URL, init: RequestInit = {}) {
  const headers = new Headers(init.headers)
  headers.set('Authorization', `Bearer ${token}`)
  return fetch(input, { ...init, headers, signal: AbortSignal.timeout(LONGEST_MS) })
}

/** PostgREST as the person who is signed in. */
export async function rest() {
  return new PostgrestClient(await restUrl(), { fetch: fetchAsPerson })
}

interface Answer<T> {
  data: T | null
  error: unknown
  status: number
}

/** The rows, or a Problem. A refused token ends the session, wherever it was noticed. */
export function rowsOf<T>({ data, error, status }: Answer<T>): T {
  if (error === null) return data as T
  if (status === 401) useSession().end()
  throw status === 0 ? unreachable() : problemOf(status, error)
}
