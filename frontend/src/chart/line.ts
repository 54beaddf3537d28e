import type { Event } from '@/api/events'
import type { Plotted } from './gaps'

/** What of an event a curve needs. */
export type ChartEvent = Pick<Event, 'id' | 'public_id' | 'name' | 'unit' | 'event_type' | 'min_value' | 'max_value'>

/** So many colours and dashes there are; more lines could not be told apart. */
export const MOST_LINES = 8

/** One event's curve as it is drawn. */
export interface Line {
  /** Unique within its chart. */
  key: string
  event: ChartEvent
  /** Its place among colours and dashes, from 0. */
  style: number
  plotted: Plotted
  /** Whether lowest and highest are drawn as a band around the mean. */
  band: boolean
  /** From another time than the axis says: paler, without a band. */
  earlier?: boolean
}

/** In rem: dash, space, dash…; so lines are told apart without colour. */
export const DASHES: readonly (readonly number[])[] = [
  [],
  [0.5, 0.25],
  [0.13, 0.19],
  [0.5, 0.19, 0.13, 0.19],
  [1, 0.25],
  [0.25, 0.13],
  [0.75, 0.19, 0.13, 0.19, 0.13, 0.19],
  [0.06, 0.25],
]

export const colourOf = (style: number) => `--trend-${(style % MOST_LINES) + 1}`

/** What a scale is called, within the chart, and where its axis stands: of a third unit there is none. */
export interface ScaleOfUnit {
  key: string
  unit: string
  side: 'left' | 'right' | null
}

const keyOf = (unit: string | null) => `y ${unit ?? ''}`

/**
 * A scale for each unit: the first unit's axis stands on the left, the second's on the right. Further units have scales
 * of their own without an axis, because on an axis of another unit they would be read wrongly.
 */
export function scalesOf(lines: readonly Pick<Line, 'event'>[]): ScaleOfUnit[] {
  const units = [...new Set(lines.map(({ event }) => event.unit ?? ''))]
  return units.map((unit, i) => ({ key: keyOf(unit), unit, side: i === 0 ? 'left' : i === 1 ? 'right' : null }))
}

export const scaleOf = ({ event }: Pick<Line, 'event'>) => keyOf(event.unit)
