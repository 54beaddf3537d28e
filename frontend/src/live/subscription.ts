import type { Batch, Topic } from './frames'

/**
 * Someone on the page who wants what is live: values of events, changed rows of topics. `maxRate` in frames with values
 * a second; without it nothing is left out.
 */
export interface Watcher {
  events?: string[] | 'all'
  maxRate?: number
  topics?: Topic[]
  onBatch?(batch: Batch): void
  /** Rows of one of the topics that are new or have changed. */
  onRows?(topic: Topic, rows: Record<string, unknown>[]): void
  /** Something may have been missed: read again what is shown. */
  onReload?(): void
}

export interface Subscription {
  /** null: no values. */
  events: string[] | 'all' | null
  maxRate: number | null
  topics: Topic[]
}

const ofEvents = (watchers: Watcher[]) => watchers.filter(({ events }) => events !== undefined)

/** One subscription that serves every watcher; of nothing when nobody watches. */
export function subscriptionFor(watchers: Iterable<Watcher>): Subscription {
  const all = [...watchers]
  const valued = ofEvents(all)
  const everything = valued.some(({ events }) => events === 'all')
  const named = [...new Set(valued.flatMap(({ events }) => events ?? []))]
  const unlimited = valued.some(({ maxRate }) => maxRate === undefined)
  return {
    events: valued.length === 0 ? null : everything ? 'all' : named,
    maxRate: unlimited || valued.length === 0 ? null : Math.max(...valued.map(({ maxRate }) => maxRate!)),
    topics: [...new Set(all.flatMap(({ topics }) => topics ?? []))],
  }
}

/** The part of a batch that a watcher asked for. */
export function partFor({ events = [] }: Watcher, batch: Batch): Batch {
  if (events === 'all') return batch
  return new Map(events.flatMap((id) => (batch.has(id) ? [[id, batch.get(id)!]] : [])))
}

/** The subscribe frame; `since` is the position from which to continue. */
export function subscribeFrame({ events, maxRate, topics }: Subscription, since: string | null): string {
  return JSON.stringify({
    type: 'subscribe',
    topics: events === null ? topics : ['datapoints', ...topics],
    ...(events === 'all' || events === null ? {} : { events }),
    ...(maxRate === null ? {} : { max_rate: maxRate }),
    ...(since === null ? {} : { since }),
  })
}
