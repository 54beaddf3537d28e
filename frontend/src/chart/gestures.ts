import type uPlot from 'uplot'
import { moved, scaled, type Window } from './shown'

export interface Gestures {
  /** Show this instead. */
  zoom(window: Window): void
  reset(): void
}

const windowOf = (plot: uPlot): Window => [plot.scales.x!.min!, plot.scales.x!.max!]
const widthOf = (plot: uPlot) => Math.max(1, plot.over.clientWidth)

/** A selection by dragging becomes a zoom of the caller's; uPlot itself never changes the window. */
export function onSelect({ zoom }: Gestures) {
  return (plot: uPlot) => {
    const { left, width } = plot.select
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    if (width > 0) zoom([plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')])
  }
}

/** With Shift the curve is taken hold of. */
function takeHold(plot: uPlot, { clientX: begin }: MouseEvent, { zoom }: Gestures) {
  const held = windowOf(plot)
  const move = ({ clientX }: MouseEvent) => zoom(moved(held, (begin - clientX) / widthOf(plot)))
  document.addEventListener('mousemove', move)
  document.addEventListener('mouseup', () => document.removeEventListener('mousemove', move), { once: true })
}

export function bindings(gestures: Gestures): uPlot.Cursor.Bind {
  return {
    dblclick: () => () => (gestures.reset(), null),
    mousedown: (plot, _target, usual) => (event) => {
      if (!event.shiftKey || event.button !== 0) return usual(event)
      takeHold(plot, event, gestures)
      return null
    },
  }
}

const ZOOM_PER_PIXEL = 1.002

/** The wheel scrolls the page; sideways (or with Shift) it moves along, and with Ctrl it zooms where it points. */
export function listenToWheel(plot: uPlot, { zoom }: Gestures) {
  plot.over.addEventListener(
    'wheel',
    (event) => {
      const sideways = event.deltaX !== 0 ? event.deltaX : event.shiftKey ? event.deltaY : 0
      if (event.ctrlKey) zoom(scaled(windowOf(plot), ZOOM_PER_PIXEL ** event.deltaY, event.offsetX / widthOf(plot)))
      else if (sideways !== 0) zoom(moved(windowOf(plot), sideways / widthOf(plot)))
      else return
      event.preventDefault()
    },
    { passive: false },
  )
}

/** One finger moves along, two zoom; up and down the page scrolls (touch-action). */
export function listenToFingers(plot: uPlot, { zoom }: Gestures) {
  const fingers = new Map<number, number>()
  let [held, begun]: [Window, number[]] = [windowOf(plot), []]

  function begin(event: PointerEvent, down: boolean) {
    if (event.pointerType !== 'touch') return
    if (down) fingers.set(event.pointerId, event.offsetX)
    else fingers.delete(event.pointerId)
    held = windowOf(plot)
    begun = [...fingers.values()]
  }

  function move(event: PointerEvent) {
    if (!fingers.has(event.pointerId)) return
    fingers.set(event.pointerId, event.offsetX)
    const [a, b] = [...fingers.values()]
    const width = widthOf(plot)
    if (b === undefined) return zoom(moved(held, (begun[0]! - a!) / width))
    const [was, is] = [Math.abs(begun[1]! - begun[0]!), Math.abs(b - a!)]
    zoom(scaled(held, Math.max(1, was) / Math.max(1, is), (begun[0]! + begun[1]!) / 2 / width))
  }

  plot.over.addEventListener('pointerdown', (event) => begin(event, true))
  plot.over.addEventListener('pointermove', move)
  for (const end of ['pointerup', 'pointercancel'] as const) plot.over.addEventListener(end, (event) => begin(event, false))
}

const STEP = 0.25

/** What a key does to a window; undefined: nothing. */
export function afterKey(key: string, window: Window): Window | 'reset' | undefined {
  switch (key) {
    case 'ArrowLeft':
      return moved(window, -STEP)
    case 'ArrowRight':
      return moved(window, STEP)
    case '+':
    case '=':
      return scaled(window, 0.5)
    case '-':
      return scaled(window, 2)
    case 'Escape':
    case 'Home':
      return 'reset'
  }
}
