import { problemOf, unreachable } from './problem'

/** A request to the sidecar, on the page's own origin. Throws a Problem for everything but a good answer. */
export async function fetchJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(path, init).catch(() => {
    throw unreachable()
  })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw problemOf(response.status, body)
  return body as T
}
