import { useSession } from '@/accounts/session'
import { isoTime, type Seconds } from '@/format/time'
import { words } from '@/words'
import { fetchAsPerson } from './fetch-as-person'
import { Problem, problemOf, unreachable } from './problem'

/** What of `GET /export/datapoints` makes a format. */
export interface FileFormat {
  format: 'csv' | 'ndjson'
  gzip?: true
  /** A line for each step of so many seconds, with a column for each event; without it a line for each value. */
  grid?: Seconds
}

export interface NamedFile {
  name: string
  content: Blob
}

/** The name of RFC 6266 that the sidecar gives. */
export function fileName(disposition: string | null): string {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? '')?.[1]
  return encoded === undefined ? 'webmacs' : decodeURIComponent(encoded)
}

/** How the file is written, for this address. */
export function formatQuery({ format, gzip, grid }: FileFormat): URLSearchParams {
  const query = new URLSearchParams({ format, time_zone: new Intl.DateTimeFormat().resolvedOptions().timeZone })
  if (gzip) query.set('gzip', 'true')
  if (grid !== undefined) {
    query.set('layout', 'wide')
    query.set('grid', String(grid))
  }
  return query
}

function address(eventPublicIds: readonly string[], from: Seconds, to: Seconds, format: FileFormat): string {
  const query = formatQuery(format)
  query.set('events', eventPublicIds.join())
  query.set('from', isoTime(from))
  query.set('to', isoTime(to))
  return `/export/datapoints?${query}`
}

/**
 * Values of events as a file. The token goes in a header, because addresses are logged and remembered; so the browser
 * cannot download by itself. It gathers the file as a blob, which it keeps on its disk when it is large.
 */
export async function exportValues(
  eventPublicIds: readonly string[],
  from: Seconds,
  to: Seconds,
  format: FileFormat,
  signal: AbortSignal,
): Promise<NamedFile> {
  return fetchFile(address(eventPublicIds, from, to, format), { signal })
}

/** A file of the server under the name that it gives. */
export async function fetchFile(from: string, init: RequestInit): Promise<NamedFile> {
  const response = await fetchAsPerson(from, init).catch((problem) => {
    throw problem instanceof Problem ? problem : unreachable()
  })
  if (response.status === 401) useSession().end()
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null))
  const content = await response.blob().catch(() => {
    throw new Problem(words.save.brokenOff, 0)
  })
  return { name: fileName(response.headers.get('content-disposition')), content }
}
