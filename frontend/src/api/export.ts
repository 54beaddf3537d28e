import { useSession } from '@/accounts/session'
import { isoTime, type Seconds } from '@/format/time'
import { words } from '@/words'
import { fetchAsPerson } from './fetch-as-person'
import { Problem, problemOf, unreachable } from './problem'

/** What of `GET /export/datapoints` makes a format. */
export type FileFormat = { format: 'csv' | 'ndjson'; gzip?: true }

export interface NamedFile {
  name: string
  content: Blob
}

/** The name of RFC 6266 that the sidecar gives. */
export function fileName(disposition: string | null): string {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? '')?.[1]
  return encoded === undefined ? 'webmacs' : decodeURIComponent(encoded)
}

function address(eventPublicId: string, from: Seconds, to: Seconds, { format, gzip }: FileFormat): string {
  const query = new URLSearchParams({
    events: eventPublicId,
    from: isoTime(from),
    to: isoTime(to),
    format,
    time_zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  })
  if (gzip) query.set('gzip', 'true')
  return `/export/datapoints?${query}`
}

/**
 * An event's values as a file. The token goes in a header, because addresses are logged and remembered; so the browser
 * cannot download by itself. It gathers the file as a blob, which it keeps on its disk when it is large.
 */
export async function exportValues(
  eventPublicId: string,
  from: Seconds,
  to: Seconds,
  format: FileFormat,
  signal: AbortSignal,
): Promise<NamedFile> {
  const response = await fetchAsPerson(address(eventPublicId, from, to, format), { signal }).catch((problem) => {
    throw problem instanceof Problem ? problem : unreachable()
  })
  if (response.status === 401) useSession().end()
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null))
  const content = await response.blob().catch(() => {
    throw new Problem(words.save.brokenOff, 0)
  })
  return { name: fileName(response.headers.get('content-disposition')), content }
}
