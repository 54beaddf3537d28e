import { shallowReactive } from 'vue'
import type { Update } from '@/api/updates'
import { useStream } from '@/live/stream'

/** Updates as the stream tells of them. `onNew`: one that `knows` does not know, or something may have been missed. */
export function useLiveUpdates(knows: (id: number) => boolean, onNew: () => void) {
  const told = shallowReactive(new Map<number, Update>())

  useStream().watchLive({
    topics: ['ota'],
    onRows(_topic, rows) {
      const updates = rows as unknown as Update[]
      for (const update of updates) told.set(update.id, update)
      if (updates.some(({ id }) => !knows(id))) onNew()
    },
    onReload() {
      told.clear()
      onNew()
    },
  })

  /** What is newer: what was read, or what was told since. */
  return (read: Update): Update => told.get(read.id) ?? read
}
