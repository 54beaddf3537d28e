import { COLUMNS, type Place, type Widget } from '@/widgets/widget'

/** As they are read, and stacked on a phone: line by line. */
export const inOrder = (widgets: readonly Widget[]): Widget[] => [...widgets].sort((a, b) => a.y - b.y || a.x - b.x)

const overlap = (a: Place, b: Place) => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h

/** The first place, line by line, where something of this size lies on nothing else. */
export function freePlace(widgets: readonly Place[], { w, h }: { w: number; h: number }): Place {
  const bottom = Math.max(0, ...widgets.map((widget) => widget.y + widget.h))
  for (let y = 0; y < bottom; y += 1)
    for (let x = 0; x + w <= COLUMNS; x += 1) {
      const place = { x, y, w, h }
      if (!widgets.some((widget) => overlap(widget, place))) return place
    }
  return { x: 0, y: bottom, w, h }
}

/** A short one that no other widget of the dashboard has. */
export function freeId(widgets: readonly Widget[]): string {
  const taken = new Set(widgets.map(({ id }) => id))
  let n = widgets.length + 1
  while (taken.has(`w${n}`)) n += 1
  return `w${n}`
}
