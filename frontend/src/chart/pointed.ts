import type { Seconds } from '@/format/time'
import type { Line } from './line'
import { placesOf } from './series-options'

/** What a line says at one moment. `notGood`: a value that is not in the line. */
export interface Reading {
  value: number | null
  lowest: number | null
  highest: number | null
  notGood: number | null
}

/** Where the cursor is, and what each line says there, by key. */
export interface Pointed {
  t: Seconds
  readings: ReadonlyMap<string, Reading>
}

type Data = readonly ArrayLike<number | null | undefined>[]

/** `indices`: which value of each column is nearest, as uPlot finds it. */
export function readingsAt(lines: readonly Line[], data: Data, indices: readonly (number | null | undefined)[]): Pointed['readings'] {
  const places = placesOf(lines)
  const at = (place: number | null, index: number) => (place === null ? null : (data[place]?.[index] ?? null))
  return new Map(
    lines.map(({ key }, i) => {
      const { value, lowest, highest, notGood } = places[i]!
      const index = indices[value] ?? -1
      const found = { value: at(value, index), lowest: at(lowest, index), highest: at(highest, index), notGood: at(notGood, index) }
      return [key, found]
    }),
  )
}

export interface Summary extends Reading {
  /** Of the value, which is the newest. */
  at: Seconds | null
}

/** Of a line what the window shows of it: its newest value, and the lowest and highest of all. */
export function summaryOf({ plotted: [times, line, low, high, marked] }: Line, [from, to]: readonly [Seconds, Seconds]): Summary {
  const found: Summary = { value: null, lowest: null, highest: null, notGood: null, at: null }
  times.forEach((t, i) => {
    const value = line[i]
    if (t < from || t > to) return
    found.notGood = marked[i] ?? (value === null ? found.notGood : null)
    if (value === null || value === undefined) return
    found.value = value
    found.at = t
    found.lowest = Math.min(found.lowest ?? Infinity, low[i] ?? value)
    found.highest = Math.max(found.highest ?? -Infinity, high[i] ?? value)
  })
  return found
}
