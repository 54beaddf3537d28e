import type { GridStack, GridStackNode } from 'gridstack'
import { nextTick, onScopeDispose, watch, type Ref } from 'vue'
import { widgetTypeOf } from '@/widgets'
import { COLUMNS, MOST_ROWS, type Place, type Widget } from '@/widgets/widget'
import { inOrder } from './layout'

export type Places = ReadonlyMap<string, Place>

interface Grid {
  box: Ref<HTMLElement | null>
  widgets: Ref<readonly Widget[]>
  /** Whether things can be moved now. */
  active: Ref<boolean>
  /** A person has put them there. */
  onPlaced(places: Places): void
  /** They had to make room, or moved up. */
  onSettled(places: Places): void
}

const GIVEN = ['top', 'left', 'width', 'height', '--gs-x', '--gs-y', '--gs-w', '--gs-h']
const placeOf = ({ x = 0, y = 0, w = 1, h = 1 }: GridStackNode): Place => ({ x, y, w, h })
const samePlace = (a: Place, b: Place | undefined) => a.x === b?.x && a.y === b.y && a.w === b.w && a.h === b.h

const remOf = () => parseFloat(getComputedStyle(document.documentElement).fontSize)

/** How high a row is in view mode, as grid.css has it. */
function cellOf(box: HTMLElement) {
  const rows = Number(box.style.getPropertyValue('--rows'))
  return rows > 0 ? `${box.clientHeight / rows / remOf()}rem` : '2rem'
}

/**
 * Dragging and resizing by gridstack, which is loaded when it is first needed. The elements are Vue's, and the widgets
 * say what is where: gridstack is told of each change, and tells where a person has put things.
 */
export function useGridstack({ box, widgets, active, onPlaced, onSettled }: Grid) {
  let grid: GridStack | null = null
  let telling = false

  const elements = () => [...(box.value?.querySelectorAll<HTMLElement>(':scope > [data-id]') ?? [])]
  const places = () => new Map(grid!.engine.nodes.map((node) => [node.id!, placeOf(node)]))
  const differs = (found: Places) =>
    found.size !== widgets.value.length || widgets.value.some((widget) => !samePlace(widget, found.get(widget.id)))

  async function begin() {
    const { GridStack } = await import('gridstack')
    if (!active.value || box.value === null || grid !== null) return
    const look = { column: COLUMNS, cellHeight: cellOf(box.value), margin: 0, auto: false, animate: false, maxRow: MOST_ROWS }
    grid = GridStack.init({ ...look, handleClass: 'move', resizable: { handles: 'e,se,s' } }, box.value)
    grid!.on('change', report)
    tell()
  }

  /** The grid as the widgets have it. */
  function tell() {
    if (grid === null || !differs(places())) return
    const shown = new Map(elements().map((element) => [element.dataset.id!, element]))
    telling = true
    grid.removeAll(false, false)
    grid.batchUpdate()
    for (const { id, type, x, y, w, h } of inOrder(widgets.value)) {
      const { w: minW, h: minH } = widgetTypeOf(type)?.least ?? { w: 1, h: 1 }
      grid.makeWidget(shown.get(id)!, { id, x, y, w, h, minW, minH })
    }
    grid.batchUpdate(false)
    telling = false
    const settled = places()
    if (differs(settled)) onSettled(settled)
  }

  function report() {
    if (!telling && grid !== null) onPlaced(places())
  }

  /** By so many columns and rows, as far as there is room. */
  function nudge(id: string, by: Partial<Place>) {
    const node = grid?.engine.nodes.find((one) => one.id === id)
    if (!node) return
    const { x, y, w, h } = placeOf(node)
    const width = Math.min(COLUMNS - x, Math.max(node.minW ?? 1, w + (by.w ?? 0)))
    const height = Math.max(node.minH ?? 1, h + (by.h ?? 0))
    const left = Math.min(COLUMNS - width, Math.max(0, x + (by.x ?? 0)))
    grid!.update(node.el!, { x: left, y: Math.max(0, y + (by.y ?? 0)), w: width, h: height })
  }

  function end() {
    grid?.destroy(false)
    grid = null
    for (const { style } of elements()) for (const name of GIVEN) style.removeProperty(name)
    box.value?.style.removeProperty('height')
    box.value?.classList.remove('grid-stack')
  }

  watch(active, (on) => (on ? void begin() : end()), { flush: 'post', immediate: true })
  watch(widgets, () => void nextTick(tell))
  onScopeDispose(() => grid?.destroy(false))

  return { nudge }
}
