import type { Alarm } from '@/api/alarms'

/** The most urgent first: index 0 has priority 1. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const

export const isOpen = ({ state }: Alarm) => state !== 'normal'
export const isAcknowledged = ({ state }: Pick<Alarm, 'state'>) => !state.endsWith('unacknowledged')

/** By priority, what nobody has acknowledged before what somebody has, and then the newest first. */
export function byUrgency(one: Alarm, other: Alarm): number {
  return (
    one.priority - other.priority ||
    Number(isAcknowledged(one)) - Number(isAcknowledged(other)) ||
    Date.parse(other.last_raised_at) - Date.parse(one.last_raised_at) ||
    other.id - one.id
  )
}

/** The open ones among these, with what is newly known of some of them. */
export function merged(known: readonly Alarm[], changed: readonly Alarm[]): Alarm[] {
  const all = new Map([...known, ...changed].map((alarm) => [alarm.id, alarm]))
  return [...all.values()].filter(isOpen).sort(byUrgency)
}
