import uPlot from 'uplot'
import { colourOf, DASHES, scaleOf, type Line } from './line'
import { faded, token } from './token'

/** Where the columns of a line stand among the plot's. */
export interface Places {
  value: number
  notGood: number
  /** Only where there is a band. */
  lowest: number | null
  highest: number | null
}

export function placesOf(lines: readonly Pick<Line, 'band'>[]): Places[] {
  let next = 1
  return lines.map(({ band }) => {
    const value = next
    next += band ? 4 : 2
    return { value, notGood: value + 1, lowest: band ? value + 2 : null, highest: band ? value + 3 : null }
  })
}

/** What a band leaves to be seen through it, and its edges: less of each where there are several. */
const CLEARNESS = { alone: { band: 0.25, edge: 0.65 }, among: { band: 0.14, edge: 0.35 } }
const clearnessOf = (lines: readonly Line[]) => (lines.length > 1 ? CLEARNESS.among : CLEARNESS.alone)
const EARLIER = 0.55

/** How a line shows itself, in the plot and in its legend. */
export const dashOf = ({ style, earlier }: Pick<Line, 'style' | 'earlier'>) => (earlier ? [0.31, 0.25] : DASHES[style % DASHES.length]!)

function seriesOf(line: Line, lines: readonly Line[], rem: number): uPlot.Series[] {
  const [scale, colour] = [scaleOf(line), colourOf(line.style)]
  const stroke = line.earlier ? faded(colour, EARLIER) : token(colour)
  const points = { show: true, size: 0.4 * rem, fill: token('--surface'), stroke: token('--ink') }
  const edge = { scale, stroke: faded(colour, clearnessOf(lines).edge), width: rem / 14, points: { show: false } }
  return [
    { scale, stroke, width: rem / 10, dash: dashOf(line).map((length) => length * rem), spanGaps: false },
    { scale, stroke: token('--ink'), paths: () => null, points },
    ...(line.band ? [edge, edge] : []),
  ]
}

export const allSeries = (lines: readonly Line[], rem: number): uPlot.Series[] => [
  {},
  ...lines.flatMap((line) => seriesOf(line, lines, rem)),
]

/** Where each line's marks stand in its own table: they are points, which nothing joins. */
const NOT_GOOD = 2

export const bandsOf = (lines: readonly Line[]): uPlot.Band[] =>
  placesOf(lines).flatMap(({ lowest, highest }, i) =>
    lowest === null ? [] : [{ series: [highest!, lowest], fill: faded(colourOf(lines[i]!.style), clearnessOf(lines).band) }],
  )

/** Of uPlot's `join`: a null goes on to a line's next value, over all times of other lines; or stays where it is. */
const [GOES_ON, STAYS] = [2, 1] as const

/** All lines over one axis of time, in the order of `allSeries`. Undefined is between a line's values, null breaks it. */
export function alignedData(lines: readonly Line[]): uPlot.AlignedData {
  const tables = lines.map(({ plotted: [times, line, low, high, notGood], band }) =>
    band ? [times, line, notGood, low, high] : [times, line, notGood],
  ) as uPlot.AlignedData[]
  if (tables.length === 0) return [[]]
  if (tables.length === 1) return tables[0]!
  const modes = tables.map((table) => table.map((_, place) => (place === NOT_GOOD ? STAYS : GOES_ON)))
  return uPlot.join(tables, modes)
}
