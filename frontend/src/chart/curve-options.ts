import type uPlot from 'uplot'
import { formatLimit } from '@/format/number'
import { clockTime, dayOf } from '@/format/time'

export interface CurveTexts {
  time: string
  value: string
  notGood: string
  format(value: number): string
}

export interface CurveGestures {
  zoom(from: number, to: number): void
  reset(): void
}

/** A design token as the canvas needs it; read anew at each drawing, so that light and dark follow. */
const token = (name: string) => () => getComputedStyle(document.documentElement).getPropertyValue(name)

function axis(size: number, font: string): uPlot.Axis {
  return {
    font,
    size,
    stroke: token('--ink-faint'),
    grid: { stroke: token('--line'), width: 1 },
    ticks: { stroke: token('--line'), width: 1, size: 4 },
  }
}

const stamp = (_: uPlot, t: number | null) => (t === null ? '–' : `${dayOf(t)} ${clockTime(t)}`)
const TIME_STEPS = [
  [86_400, '{D} {MMM}', null, null, null, null, null, null, 1],
  [3600, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [60, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [0.001, '{HH}:{mm}:{ss}.{fff}', null, null, null, null, null, null, 1],
]

function curveSeries(texts: CurveTexts): uPlot.Series[] {
  const value = (_: uPlot, shown: number | null) => (shown === null ? '–' : texts.format(shown))
  return [
    { label: texts.time, value: stamp },
    { label: texts.value, value, stroke: token('--trend'), width: 1.5, spanGaps: false },
    { label: texts.notGood, value, stroke: token('--ink'), width: 0, paths: () => null, points: { show: true, size: 6, fill: token('--surface'), stroke: token('--ink') } },
  ]
}

/** A selection by dragging becomes a zoom of the caller's; uPlot itself never changes the window. */
function onSelect(gestures: CurveGestures) {
  return (plot: uPlot) => {
    const { left, width } = plot.select
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    if (width > 0) gestures.zoom(plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x'))
  }
}

export function curveOptions(box: { width: number; height: number }, texts: CurveTexts, gestures: CurveGestures): uPlot.Options {
  const style = getComputedStyle(document.documentElement)
  const font = `${0.8125 * parseFloat(style.fontSize)}px ${style.getPropertyValue('--font')}`
  const rem = parseFloat(style.fontSize)
  return {
    ...box,
    series: curveSeries(texts),
    scales: { x: { time: true, auto: false } },
    axes: [
      { ...axis(3 * rem, font), values: TIME_STEPS as uPlot.Axis['values'] & object },
      { ...axis(4.25 * rem, font), values: (_, ticks) => ticks.map(formatLimit) },
    ],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => (gestures.reset(), null) },
      points: { size: 7 },
    },
    hooks: { setSelect: [onSelect(gestures)] },
  }
}
