import { setServerTime } from '@/live/clock'
import { words } from '@/words'
import { Problem, unreachable } from './problem'

let restAddress: string | null = null

/** Asks the sidecar once where PostgREST is; a path means "on this origin". */
export async function restUrl(): Promise<string> {
  return (restAddress ??= await readConfig())
}

async function readConfig(): Promise<string> {
  const asked = Date.now()
  const response = await fetch('/app-config.json', { cache: 'no-store' }).catch(() => {
    throw unreachable()
  })
  setServerTime(response.headers.get('date'), (asked + Date.now()) / 2)
  const config: unknown = await response.json().catch(() => null)
  const api = (config as { api?: unknown } | null)?.api
  if (!response.ok || typeof api !== 'string') throw new Problem(words.problem.badConfig, response.status)
  return new URL(api, window.location.origin).href.replace(/\/$/, '')
}
