import type { AlarmMoment } from '@/api/alarm-marks'
import type { Window } from './shown'

/** Moments that have one mark: `first` is the most urgent of them, and the newest of those. */
export interface Gathered {
  /** Its place, from 0 (left) to 1 (right). */
  at: number
  first: AlarmMoment
  count: number
}

/** Marks for what the window shows (moments in order of time), so many at most beside each other; others are one. */
export function gathered(moments: readonly AlarmMoment[], [from, to]: Window, most: number): Gathered[] {
  const groups: { at: number; moments: AlarmMoment[] }[] = []
  for (const moment of moments) {
    const at = (moment.t - from) / (to - from)
    if (at < 0 || at > 1) continue
    const last = groups.at(-1)
    if (last !== undefined && at - last.at < 1 / most) last.moments.push(moment)
    else groups.push({ at, moments: [moment] })
  }
  return groups.map(({ at, moments: together }) => {
    const [first] = [...together].sort((a, b) => a.alarm.priority - b.alarm.priority || b.t - a.t)
    return { at, first: first!, count: together.length }
  })
}
