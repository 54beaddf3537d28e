import { PostgrestClient } from '@supabase/postgrest-js'
import { useSession } from '@/accounts/session'
import { restUrl } from './config'
import { fetchAsPerson } from './fetch-as-person'
import { problemOf, unreachable } from './problem'

/** The database ends a reader's statement earlier; what takes longer hangs. */
const LONGEST_MS = 30_000

const fetchInTime: typeof fetch = (input, init) => fetchAsPerson(input, { ...init, signal: AbortSignal.timeout(LONGEST_MS) })

/** PostgREST as the person who is signed in. */
export async function rest() {
  return new PostgrestClient(await restUrl(), { fetch: fetchInTime })
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
