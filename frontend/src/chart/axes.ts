import uPlot from 'uplot'
import { formatMarks } from '@/format/number'
import type { ScaleOfUnit } from './line'
import { token } from './token'

/** As wide as the longest label. */
const labelWidth = (rem: number) => (_: uPlot, labels: string[] | null) =>
  rem * (1.25 + 0.5 * Math.max(2, ...(labels ?? []).map(({ length }) => length)))

/** More labels than these are a raster rather than an axis, however large the screen is. */
const MOST_TIMES = 24
const MOST_VALUES = 18

/** Room for a time label: labels with seconds are wider. */
const timeSpace = (rem: number) => (_: uPlot, _axis: number, from: number, to: number, width: number) => {
  const [short, long] = [Math.max(3.5 * rem, width / MOST_TIMES), 5.25 * rem]
  return ((to - from) / width) * short > 30 ? short : Math.max(short, long)
}

/** Steps that are read without reckoning: no quarters. */
const VALUE_STEPS = Array.from({ length: 64 }, (_, n) => n - 32).flatMap((power) => [1, 2, 5].map((one) => Number(`${one}e${power}`)))

/** Room for a label of a value. */
const valueSpace = (rem: number) => (_: uPlot, _axis: number, _from: number, _to: number, height: number) => Math.max(2 * rem, height / MOST_VALUES)

const TIME_STEPS = [
  [365 * 86_400, '{YYYY}', null, null, null, null, null, null, 1],
  [28 * 86_400, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [86_400, '{D} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [3600, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [60, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [0.001, '{HH}:{mm}:{ss}.{fff}', null, null, null, null, null, null, 1],
]

function axis(font: string): uPlot.Axis {
  return {
    font,
    stroke: token('--ink-faint'),
    grid: { stroke: token('--line'), width: 1 },
    ticks: { stroke: token('--line'), width: 1, size: 4 },
  }
}

function valueAxis({ key, side }: ScaleOfUnit, font: string, rem: number): uPlot.Axis {
  const usual = axis(font)
  const grid = { ...usual.grid, show: side === 'left' }
  const values: uPlot.Axis.DynamicValues = (_plot, marks, _axis, _space, step) => formatMarks(marks, step)
  return { ...usual, grid, scale: key, side: side === 'left' ? 3 : 1, size: labelWidth(rem), space: valueSpace(rem), incrs: VALUE_STEPS, values }
}

/** Time below, and values at the sides. */
export function axesOf(scales: readonly ScaleOfUnit[], font: string, rem: number): uPlot.Axis[] {
  const time = { ...axis(font), size: 2.75 * rem, space: timeSpace(rem), values: TIME_STEPS as uPlot.Axis['values'] & object }
  return [time, ...scales.filter(({ side }) => side !== null).map((scale) => valueAxis(scale, font, rem))]
}

/** The units above their axes, from the edge inwards, so that a long one is not cut off. */
export function drawUnits(scales: readonly ScaleOfUnit[], font: string, rem: number) {
  return (plot: uPlot) => {
    const { ctx, bbox } = plot
    const { pxRatio } = uPlot
    ctx.save()
    ctx.font = font.replace(/^\d+/, (size) => String(Math.round(Number(size) * pxRatio)))
    ctx.fillStyle = token('--ink-faint')()
    ctx.textBaseline = 'alphabetic'
    for (const { unit, side } of scales) {
      if (side === null) continue
      ctx.textAlign = side
      ctx.fillText(unit, side === 'left' ? 0 : ctx.canvas.width, bbox.top - 0.75 * rem * pxRatio, bbox.width / 2)
    }
    ctx.restore()
  }
}
