import { defineStore } from 'pinia'
import { shallowRef, type ShallowRef } from 'vue'
import type { Event } from '@/api/events'
import { parseTime } from '@/format/time'
import { Rhythm } from './freshness'
import type { Batch, Point } from './frames'
import { extend, preceded, type Trail } from './trail'

/** What is known of one event now. */
export interface Reading extends Point {
  usualInterval: number | null
  trail: Trail
}

interface Slot {
  reading: ShallowRef<Reading | null>
  rhythm: Rhythm
}

const REDRAW_MS = 250

/** The newest value of every event that was seen, shown at most four times a second. */
export const useNewest = defineStore('newest', () => {
  const slots = new Map<string, Slot>()
  const pending = new Map<string, Point[]>()
  let timer: ReturnType<typeof setTimeout> | null = null

  function slotOf(id: string): Slot {
    const known = slots.get(id)
    if (known) return known
    const fresh = { reading: shallowRef<Reading | null>(null), rhythm: new Rhythm() }
    slots.set(id, fresh)
    return fresh
  }

  function note(id: string, points: Point[]) {
    const { reading, rhythm } = slotOf(id)
    let newest = reading.value
    for (const point of points) {
      if (newest !== null && point.t <= newest.t) continue
      rhythm.note(point.t)
      newest = { ...point, usualInterval: rhythm.usual, trail: extend(newest?.trail ?? [], point.t, point.value) }
    }
    reading.value = newest
  }

  function flush() {
    timer = null
    for (const [id, points] of pending) note(id, points)
    pending.clear()
  }

  function accept(batch: Batch) {
    for (const [id, points] of batch) pending.set(id, (pending.get(id) ?? []).concat(points))
    timer ??= setTimeout(flush, REDRAW_MS)
  }

  /** Starts from what the database knew, before anything came live. */
  function seed(events: Event[]) {
    for (const { public_id: id, latest } of events)
      if (latest) note(id, [{ t: parseTime(latest.ts), value: latest.value, quality: latest.quality }])
  }

  /** Begins the trend of an event with its last minutes, so that neither it nor its rhythm starts from nothing. */
  function precede(id: string, past: Point[]) {
    const slot = slotOf(id)
    const newest = slot.reading.value ?? past.at(-1)
    if (newest === undefined) return
    slot.rhythm = new Rhythm()
    for (const { t } of [...past, newest]) slot.rhythm.note(t)
    const trail = preceded(slot.reading.value?.trail ?? [], past)
    slot.reading.value = { ...newest, usualInterval: slot.rhythm.usual, trail }
  }

  function forget() {
    slots.clear()
    pending.clear()
  }

  return { readingOf: (id: string) => slotOf(id).reading, accept, seed, precede, forget }
})
