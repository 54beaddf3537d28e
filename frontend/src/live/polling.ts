import type { Batch } from './frames'

const EVERY_MS = 2000

/** Reads newest values again and again, each time after the last answer, until the returned function is called. */
export function poll(read: () => Promise<Batch>, onBatch: (batch: Batch) => void, onWorking: (works: boolean) => void): () => void {
  let stopped = false
  let timer: ReturnType<typeof setTimeout>

  async function once() {
    const batch = await read().catch(() => null)
    if (stopped) return
    onWorking(batch !== null)
    if (batch !== null) onBatch(batch)
    timer = setTimeout(once, EVERY_MS)
  }

  void once()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
