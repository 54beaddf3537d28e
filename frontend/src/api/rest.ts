import { PostgrestClient } from '@supabase/postgrest-js'
import { useSession } from '@/accounts/session'
import { restUrl } from './config'
import { fetchAsPerson } from './fetch-as-person'
import { problemOf, unreachable } from './problem'
import type { Database } from './schema'

/** The database ends a reader's statement earlier; what takes longer hangs. */
const LONGEST_MS = 30_000

export type ViewName = keyof Database['api']['Views']
export type RowOf<View extends ViewName> = Database['api']['Views'][View]['Row']

/** Of a row those columns that are never null, which the API's description does not say. */
export type Known<Row, Column extends keyof Row> = Omit<Row, Column> & { [C in Column]: NonNullable<Row[C]> }

const fetchInTime: typeof fetch = (input, init) => fetchAsPerson(input, { ...init, signal: AbortSignal.timeout(LONGEST_MS) })

/** PostgREST as the person who is signed in. */
export async function rest() {
  return new PostgrestClient<Database>(await restUrl(), { fetch: fetchInTime })
}

/** At least these columns, whatever is in them. */
type Columns<T> = T extends (infer Row)[] ? { [Column in keyof Row]: unknown }[] : unknown

interface Answer<T> {
  data: Columns<T> | null
  error: unknown
  status: number
}

/** The rows, or a Problem. A refused token ends the session, wherever it was noticed. */
export function rowsOf<T>({ data, error, status }: Answer<T>): T {
  if (error === null) return data as T
  if (status === 401) useSession().end()
  throw status === 0 ? unreachable() : problemOf(status, error)
}
