import { computed, ref, shallowRef } from 'vue'
import type { Place, Widget } from '@/widgets/widget'
import { freeId, freePlace } from './layout'

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)

/** Widgets while they are edited: what was saved stays as it is until this is saved too. Each step can be taken back. */
export function useDraft() {
  const editing = ref(false)
  const widgets = shallowRef<Widget[]>([])
  const before = shallowRef<Widget[][]>([])
  const saved = shallowRef<readonly Widget[]>([])

  const changed = computed(() => editing.value && !same(widgets.value, saved.value))
  const undoable = computed(() => before.value.length > 0)

  function show(kept: readonly Widget[]) {
    saved.value = kept
    widgets.value = [...kept]
    before.value = []
  }

  /** All of it, as one step. */
  function step(next: Widget[]) {
    if (same(next, widgets.value)) return
    before.value = [...before.value, widgets.value]
    widgets.value = next
  }

  function undo() {
    const previous = before.value.at(-1)
    if (previous === undefined) return
    before.value = before.value.slice(0, -1)
    widgets.value = previous
  }

  function add(what: Pick<Widget, 'type' | 'options'>, size: { w: number; h: number }): Widget {
    const added = { ...what, id: freeId(widgets.value), ...freePlace(widgets.value, size) }
    step([...widgets.value, added])
    return added
  }

  const update = (id: string, part: Partial<Widget>) =>
    step(widgets.value.map((widget) => (widget.id === id ? { ...widget, ...part } : widget)))
  const remove = (id: string) => step(widgets.value.filter((widget) => widget.id !== id))

  const placed = (places: ReadonlyMap<string, Place>) => widgets.value.map((widget) => ({ ...widget, ...places.get(widget.id) }))
  const place = (places: ReadonlyMap<string, Place>) => step(placed(places))
  /** What follows from the step before is no step of its own; before the first one nobody has changed anything. */
  function settle(places: ReadonlyMap<string, Place>) {
    const settled = placed(places)
    if (!undoable.value) saved.value = settled
    widgets.value = settled
  }

  return { editing, widgets, changed, undoable, show, step, undo, add, update, remove, place, settle }
}

export type Draft = ReturnType<typeof useDraft>
