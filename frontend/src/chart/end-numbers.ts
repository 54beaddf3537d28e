import uPlot from 'uplot'
import { colourOf, scaleOf, type Line } from './line'
import { placesOf } from './series-options'
import { token } from './token'

interface Ending {
  text: string
  colour: string
  x: number
  y: number
}

/** The last value of a line that is seen. */
function endOf(plot: uPlot, line: Line, place: number): Ending | null {
  const [times, values] = [plot.data[0], plot.data[place]!]
  const { min, max } = plot.scales.x!
  for (let i = times.length - 1; i >= 0 && times[i]! >= min!; i -= 1) {
    if (times[i]! > max! || values[i] == null) continue
    const [x, y] = [plot.valToPos(times[i]!, 'x', true), plot.valToPos(values[i]!, scaleOf(line), true)]
    return { text: String(line.style + 1), colour: token(colourOf(line.style))(), x, y }
  }
  return null
}

/** Numbers that would lie over each other stand above each other. */
export function apart(ys: readonly number[], least: number): number[] {
  const order = ys.map((_, i) => i).sort((a, b) => ys[a]! - ys[b]!)
  const placed = [...ys]
  order.slice(1).forEach((i, n) => (placed[i] = Math.max(placed[i]!, placed[order[n]!]! + least)))
  return placed
}

/** At the end of each of several lines the number that its legend has. */
export function drawEndNumbers(lines: () => readonly Line[], size: number, font: string) {
  return (plot: uPlot) => {
    if (lines().length < 2) return
    const { ctx, bbox } = plot
    const { pxRatio } = uPlot
    const places = placesOf(lines())
    const endings = lines().flatMap((line, i) => (line.earlier ? [] : (endOf(plot, line, places[i]!.value) ?? [])))
    const ys = apart(endings.map(({ y }) => y), size * pxRatio)
    ctx.save()
    ctx.font = `600 ${Math.round(size * pxRatio)}px ${font}`
    ctx.textAlign = 'right'
    ctx.textBaseline = 'middle'
    ctx.lineWidth = 3 * pxRatio
    ctx.strokeStyle = token('--surface')()
    endings.forEach(({ text, colour, x }, i) => {
      const [left, top] = [Math.max(x, bbox.left + size * pxRatio) - 3 * pxRatio, Math.min(ys[i]!, bbox.top + bbox.height)]
      ctx.strokeText(text, left, top)
      ctx.fillStyle = colour
      ctx.fillText(text, left, top)
    })
    ctx.restore()
  }
}
