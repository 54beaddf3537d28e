import type uPlot from 'uplot'
import { formatLimit } from '@/format/number'
import { clockTime, dayOf } from '@/format/time'

export interface CurveTexts {
  time: string
  value: string
  lowest: string
  highest: string
  notGood: string
  format(value: number): string
}

export interface CurveGestures {
  zoom(from: number, to: number): void
  reset(): void
}

/** A design token as the canvas needs it; read anew at each drawing, so that light and dark follow. */
const token = (name: string) => () => getComputedStyle(document.documentElement).getPropertyValue(name)

/** As wide as the longest label. */
const labelWidth = (rem: number) => (_: uPlot, labels: string[] | null) =>
  rem * (1.25 + 0.5 * Math.max(2, ...(labels ?? []).map(({ length }) => length)))

/** Room for a time label: labels with seconds are wider. */
const timeSpace = (rem: number) => (_: uPlot, _axis: number, from: number, to: number, width: number) => {
  const [short, long] = [3.5 * rem, 5.25 * rem]
  return ((to - from) / width) * short > 30 ? short : long
}

function axis(font: string): uPlot.Axis {
  return {
    font,
    stroke: token('--ink-faint'),
    grid: { stroke: token('--line'), width: 1 },
    ticks: { stroke: token('--line'), width: 1, size: 4 },
  }
}

const stamp = (_: uPlot, t: number | null) => (t === null ? '–' : `${dayOf(t)} ${clockTime(t)}`)
const TIME_STEPS = [
  [365 * 86_400, '{YYYY}', null, null, null, null, null, null, 1],
  [28 * 86_400, '{MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [86_400, '{D} {MMM}', '\n{YYYY}', null, null, null, null, null, 1],
  [3600, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [60, '{HH}:{mm}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{D} {MMM}', null, '\n{D} {MMM}', null, null, null, 1],
  [0.001, '{HH}:{mm}:{ss}.{fff}', null, null, null, null, null, null, 1],
]

/** Their places among the series. */
const [LOWEST, HIGHEST] = [2, 3]

function notGoodPoints(rem: number): uPlot.Series.Points {
  return { show: true, size: 0.4 * rem, fill: token('--surface'), stroke: token('--ink') }
}

function curveSeries(texts: CurveTexts, rem: number): uPlot.Series[] {
  const value = (_: uPlot, shown: number | null) => (shown === null ? '–' : texts.format(shown))
  const notGood = (_: uPlot, shown: number | null) => (shown === null ? '' : `${texts.format(shown)} (${texts.notGood})`)
  return [
    { label: texts.time, value: stamp },
    { label: texts.value, value, stroke: token('--trend'), width: rem / 10, spanGaps: false },
    { label: texts.lowest, value, stroke: token('--envelope-edge'), width: rem / 14, points: { show: false } },
    { label: texts.highest, value, stroke: token('--envelope-edge'), width: rem / 14, points: { show: false } },
    { label: '', value: notGood, stroke: token('--ink'), paths: () => null, points: notGoodPoints(rem) },
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
  const rem = parseFloat(style.fontSize)
  // uPlot scales whole pixels only to the density of the screen.
  const font = `${Math.round(0.8125 * rem)}px ${style.getPropertyValue('--font')}`
  return {
    ...box,
    series: curveSeries(texts, rem),
    bands: [{ series: [HIGHEST, LOWEST], fill: token('--envelope') }],
    scales: { x: { time: true, auto: false } },
    axes: [
      { ...axis(font), size: 2.75 * rem, space: timeSpace(rem), values: TIME_STEPS as uPlot.Axis['values'] & object },
      { ...axis(font), size: labelWidth(rem), values: (_, ticks) => ticks.map(formatLimit) },
    ],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      bind: { dblclick: () => () => (gestures.reset(), null) },
      points: { size: 7 },
    },
    hooks: { setSelect: [onSelect(gestures)] },
  }
}
