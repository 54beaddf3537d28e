import type uPlot from 'uplot'
import { axesOf, drawUnits } from './axes'
import { drawEndNumbers } from './end-numbers'
import { bindings, listenToFingers, listenToWheel, onSelect, type Gestures } from './gestures'
import { drawLevels, scaleWith } from './levels'
import { scalesOf, type Line } from './line'
import { allSeries, bandsOf } from './series-options'

export interface Told extends Gestures {
  /** The cursor moved, in this chart or one that shares it. */
  point(plot: uPlot): void
  drawn(plot: uPlot): void
}

export interface Box {
  width: number
  height: number
}

/** What is drawn now; read anew at each drawing. */
export interface Drawn {
  lines(): readonly Line[]
  /** Limits across the plot, in the unit of the first line. */
  levels(): readonly number[]
}

/** What charts tell each other: where the cursor is. What is dragged over is of one alone. */
const SHARED = new Set(['mousemove', 'mouseleave'])

function syncOf(key: string | undefined): uPlot.Cursor.Sync | undefined {
  return key === undefined ? undefined : { key, scales: ['x', null], filters: { pub: (type) => SHARED.has(type) } }
}

export function optionsOf(box: Box, { lines, levels }: Drawn, told: Told, sync: string | undefined): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const rem = parseFloat(style.fontSize)
  const family = style.getPropertyValue('--font')
  // uPlot scales whole pixels only to the density of the screen.
  const small = Math.round(0.8125 * rem)
  const font = `${small}px ${family}`
  const scales = scalesOf(lines())
  const shared = syncOf(sync)
  return {
    ...box,
    // above for the units; beside, where no axis stands, for half of the last time
    padding: [scales.some(({ unit, side }) => unit !== '' && side !== null) ? 1.5 * rem : 0.5 * rem, scales.length > 1 ? null : 2 * rem, null, null],
    legend: { show: false },
    series: allSeries(lines(), rem),
    bands: bandsOf(lines()),
    scales: { x: { time: true, auto: false }, ...Object.fromEntries(scales.map(({ key }, i) => [key, scaleWith(i === 0 ? levels : () => [])])) },
    axes: axesOf(scales, font, rem),
    cursor: {
      drag: { x: true, y: false, setScale: false },
      bind: bindings(told),
      points: { size: (plot, place) => (plot.series[place]!.dash === undefined ? 0 : 7) },
      ...(shared ? { sync: shared } : {}),
    },
    hooks: {
      init: [(plot) => (listenToWheel(plot, told), listenToFingers(plot, told))],
      setSelect: [onSelect(told)],
      setCursor: [told.point],
      drawAxes: [drawUnits(scales, font, rem)],
      draw: [drawLevels(levels, lines, small, family), drawEndNumbers(lines, small, family), told.drawn],
    },
  }
}
