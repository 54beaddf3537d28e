import { age, span } from '@/format/age'
import { parseTime, type Seconds } from '@/format/time'
import type { StandingController } from '@/api/controllers'
import { words } from '@/words'

export interface Health {
  well: boolean
  /** How it is, in words. */
  state: string
  /** What is wrong with its plugin instances, each in a sentence. */
  faults: string[]
}

/** How a controller is, by what it said last and when it was last there. */
export function healthOf(controller: StandingController, now: Seconds): Health {
  const { enabled, connected_at: since, last_seen_at: seen, plugin_instances: instances } = controller
  const { disabled, connected, away, never } = words.overview.controllers
  if (!enabled) return { well: true, state: disabled, faults: [] }
  if (since === null) return { well: false, state: seen === null ? never : away(age(now - parseTime(seen))), faults: [] }
  const faults = instances.filter((instance) => instance.enabled).flatMap(faultOf)
  return { well: faults.length === 0, state: connected(span(Math.max(0, now - parseTime(since)))), faults }
}

function faultOf({ name, status, status_detail: detail, setting_error: refused }: StandingController['plugin_instances'][number]) {
  if (refused !== null) return [`${name}: ${refused}`]
  return status === 'error' ? [`${name}: ${detail ?? words.overview.controllers.fault}`] : []
}
