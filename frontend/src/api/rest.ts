import { PostgrestClient } from '@supabase/postgrest-js'
import { useSession } from '@/accounts/session'
import { restUrl } from './config'
import { problemOf, unreachable } from './problem'

/** PostgREST as the person who is signed in. */
export async function rest() {
  return new PostgrestClient(await restUrl(), {
    headers: { Authorization: `Bearer ${useSession().token}` },
  })
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
