import { defineStore } from 'pinia'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { useSession } from '@/accounts/session'
import { readLatest } from '@/api/datapoints'
import type { Batch, Topic } from './frames'
import { useNewest } from './newest'
import { poll } from './polling'
import { ATTEMPTS_BEFORE_POLLING } from './reconnect'
import { StreamSocket, type SocketState } from './socket'
import { partFor, subscriptionFor, type Watcher } from './subscription'

/** `polling`: values still come, but by asking. `lost`: none come. */
export type Connection = 'idle' | 'connecting' | 'live' | 'polling' | 'lost'

function streamUrl(): string {
  return `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/datapoints/stream`
}

/** The page's one WebSocket, shared by all who watch, with polling in its place while it cannot be had. */
export const useStream = defineStore('stream', () => {
  const session = useSession()
  const newest = useNewest()
  const watchers = new Set<Watcher>()
  const state = shallowRef<SocketState | null>(null)
  const pollingWorks = ref(false)
  const everLive = ref(false)
  let socket: StreamSocket | null = null
  let stopPolling: (() => void) | null = null

  const connection = computed<Connection>(() => {
    if (state.value === null) return 'idle'
    if (state.value.phase === 'live') return 'live'
    if (pollingWorks.value) return 'polling'
    const first = !everLive.value && state.value.phase === 'connecting' && state.value.attempt === 1
    return first ? 'connecting' : 'lost'
  })
  const retryAt = computed(() => (state.value?.phase === 'waiting' ? state.value.retryAt : null))

  function deliver(batch: Batch) {
    newest.accept(batch)
    for (const watcher of watchers) {
      const part = partFor(watcher, batch)
      if (part.size > 0) watcher.onBatch?.(part)
    }
  }

  function deliverRows(topic: Topic, rows: Record<string, unknown>[]) {
    for (const watcher of watchers) if (watcher.topics?.includes(topic)) watcher.onRows?.(topic, rows)
  }

  function reload() {
    for (const watcher of watchers) watcher.onReload?.()
  }

  function take(next: SocketState) {
    state.value = next
    if (next.phase === 'live') {
      everLive.value = true
      endPolling()
    } else if (next.phase === 'waiting' && next.attempt >= ATTEMPTS_BEFORE_POLLING) {
      stopPolling ??= poll(readWatched, deliver, (works) => (pollingWorks.value = works))
    }
  }

  async function readWatched(): Promise<Batch> {
    const { events } = subscriptionFor(watchers)
    for (const watcher of watchers) if (watcher.topics) watcher.onReload?.()
    return events === null ? new Map() : readLatest(events)
  }

  function endPolling() {
    stopPolling?.()
    stopPolling = null
    pollingWorks.value = false
  }

  function start() {
    socket = new StreamSocket(streamUrl(), session.currentToken, {
      onState: take,
      onBatch: deliver,
      onRows: deliverRows,
      onReload: reload,
      onDoubt: () => void session.renew().catch(() => undefined),
    })
    resubscribe()
    socket.open()
  }

  function stop() {
    socket?.close()
    socket = null
    endPolling()
    newest.forget()
    state.value = null
    everLive.value = false
  }

  function resubscribe() {
    socket?.subscribe(subscriptionFor(watchers))
  }

  /** Watches until what is answered is called. */
  function follow(watcher: Watcher) {
    watchers.add(watcher)
    resubscribe()
    return () => {
      watchers.delete(watcher)
      resubscribe()
    }
  }

  /** Watches for as long as the calling component lives. */
  const watchLive = (watcher: Watcher) => onScopeDispose(follow(watcher))

  const renew = (token: string) => socket?.renew(token)
  const retryNow = () => socket?.retryNow()

  return { connection, retryAt, start, stop, renew, follow, watchLive, retryNow }
})
