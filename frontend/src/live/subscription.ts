import type { Batch } from './frames'

/** Someone on the page who wants live values. `maxRate` in frames a second; without it nothing is left out. */
export interface Watcher {
  events: string[] | 'all'
  maxRate?: number
  onBatch?(batch: Batch): void
  /** Something may have been missed: read again what is shown. */
  onReload?(): void
}

export interface Subscription {
  events: string[] | 'all'
  maxRate: number | null
}

/** One subscription that serves every watcher; null when nobody watches. */
export function subscriptionFor(watchers: Iterable<Watcher>): Subscription | null {
  const all = [...watchers]
  if (all.length === 0) return null
  const everything = all.some(({ events }) => events === 'all')
  const events = everything ? 'all' : [...new Set(all.flatMap(({ events }) => events))]
  const unlimited = all.some(({ maxRate }) => maxRate === undefined)
  return { events, maxRate: unlimited ? null : Math.max(...all.map(({ maxRate }) => maxRate!)) }
}

/** The part of a batch that a watcher asked for. */
export function partFor(watcher: Watcher, batch: Batch): Batch {
  const { events } = watcher
  if (events === 'all') return batch
  return new Map(events.flatMap((id) => (batch.has(id) ? [[id, batch.get(id)!]] : [])))
}

/** The subscribe frame; `since` is the position from which to continue. */
export function subscribeFrame({ events, maxRate }: Subscription, since: string | null): string {
  return JSON.stringify({
    type: 'subscribe',
    topics: ['datapoints'],
    ...(events === 'all' ? {} : { events }),
    ...(maxRate === null ? {} : { max_rate: maxRate }),
    ...(since === null ? {} : { since }),
  })
}
