import type { Controller, Instance } from '@/api/controllers'
import type { StateKind } from '@/shared/StateMark.vue'
import { words } from '@/words'

export interface Health {
  kind: StateKind
  word: string
}

type Reported = Pick<Instance, 'enabled' | 'status' | 'setting_error'>

/** An instance that does not do what it was set to do. What its controller does not tell is not held against it. */
export function needsAttention({ enabled, status, setting_error: refused }: Reported): boolean {
  return refused !== null || (enabled && (status === 'error' || status === 'stopped'))
}

type Seen = Pick<Controller, 'enabled' | 'connected_at' | 'last_seen_at'>

/** How a controller is, with what its instances report. */
export function healthOf({ enabled, connected_at: connected, last_seen_at: seen }: Seen, instances: readonly Reported[]): Health {
  if (!enabled) return { kind: 'off', word: words.controllers.states.disabled }
  if (connected === null)
    return seen === null
      ? { kind: 'unknown', word: words.controllers.states.never }
      : { kind: 'failed', word: words.controllers.states.away }
  return { kind: instances.some(needsAttention) ? 'attention' : 'good', word: words.controllers.states.connected }
}

const KINDS: Record<string, StateKind> = { connected: 'good', demo: 'good', error: 'failed', stopped: 'attention' }

/** How an instance is. */
export function healthOfInstance({ enabled, status, setting_error: refused }: Reported): Health {
  if (!enabled) return { kind: 'off', word: words.instances.statuses.disabled! }
  const kind = KINDS[status] ?? 'unknown'
  return { kind: kind === 'good' && refused !== null ? 'attention' : kind, word: words.instances.statuses[status] ?? status }
}

const OF_PACKAGES: Record<string, StateKind> = { installed: 'good', failed: 'failed' }

/** How it is with a package that a controller is to have. */
export const healthOfPackage = (state: string): Health => ({
  kind: OF_PACKAGES[state] ?? 'unknown',
  word: words.packages.states[state] ?? state,
})

const OF_CHANNELS: Record<string, StateKind> = { ok: 'good', no_value: 'attention', uncertain: 'attention', bad: 'failed' }

export const healthOfChannel = (status: string): Health => ({
  kind: OF_CHANNELS[status] ?? 'unknown',
  word: words.instances.channelStates[status] ?? status,
})
