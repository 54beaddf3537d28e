import uPlot from 'uplot'
import { formatLimit } from '@/format/number'
import { scaleOf, type Line } from './line'
import { token } from './token'

/** A limit further away than so many times what the curve spans would flatten it: it is told at the edge. */
const REACH = 4

/** What the scale spans: the values, and the limits that are near enough. */
export function spanWith(levels: readonly number[], min: number, max: number): [number, number] {
  const reach = REACH * Math.max(max - min, Math.abs(max) / 10)
  const near = levels.filter((level) => level >= min - reach && level <= max + reach)
  return [Math.min(min, ...near), Math.max(max, ...near)]
}

/** A curve that is flat stands in the middle of a tenth of it, rather than of twice what it is. */
export function aroundFlat(min: number, max: number): [number, number] {
  const room = min === max ? Math.abs(max) / 10 : 0
  return [min - room, max + room]
}

export const scaleWith = (levels: () => readonly number[]): uPlot.Scale => ({
  auto: true,
  range: (_, min, max) => (min == null ? [min, max] : uPlot.rangeNum(...aroundFlat(...spanWith(levels(), min, max)), 0.1, true)),
})

/** Limits across the plot, each with its number; those out of sight at the edge that they are beyond. */
export function drawLevels(levels: () => readonly number[], lines: () => readonly Line[], size: number, font: string) {
  return (plot: uPlot) => {
    const [line] = lines()
    const scale = line && plot.scales[scaleOf(line)]
    if (!scale || scale.min == null || scale.max == null) return
    const { ctx, bbox } = plot
    const { pxRatio } = uPlot
    ctx.save()
    ctx.font = `600 ${Math.round(size * pxRatio)}px ${font}`
    ctx.lineWidth = 3 * pxRatio
    ctx.textAlign = 'left'
    for (const level of levels()) {
      const beyond = level > scale.max ? '↑' : level < scale.min ? '↓' : ''
      const y = Math.min(Math.max(plot.valToPos(level, scaleOf(line), true), bbox.top), bbox.top + bbox.height)
      if (!beyond) across(plot, y)
      const below = y - bbox.top < 1.5 * size * pxRatio
      ctx.textBaseline = below ? 'top' : 'bottom'
      const [left, top] = [bbox.left + 4 * pxRatio, y + (below ? 3 : -3) * pxRatio]
      ctx.strokeStyle = token('--surface')()
      ctx.fillStyle = token('--ink')()
      ctx.strokeText(`${beyond} ${formatLimit(level)}`.trim(), left, top)
      ctx.fillText(`${beyond} ${formatLimit(level)}`.trim(), left, top)
    }
    ctx.restore()
  }
}

function across({ ctx, bbox }: uPlot, y: number) {
  const { pxRatio } = uPlot
  ctx.save()
  ctx.strokeStyle = token('--ink')()
  ctx.lineWidth = pxRatio
  ctx.setLineDash([6 * pxRatio, 4 * pxRatio])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}
