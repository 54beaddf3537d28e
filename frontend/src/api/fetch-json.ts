import { Problem, problemOf, unreachable } from './problem'

/** A request to the sidecar, on the page's own origin, `by` whom it is. Throws a Problem for everything but a good answer. */
export async function fetchJson<T>(path: string, init: RequestInit = {}, by: typeof fetch = fetch): Promise<T> {
  const response = await by(path, init).catch((error) => {
    throw error instanceof Problem ? error : unreachable()
  })
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) throw problemOf(response.status, body)
  return body as T
}
