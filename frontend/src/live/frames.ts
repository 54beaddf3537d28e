import { parseTime, type Seconds } from '@/format/time'

/** One measured value; quality as OPC has it: 192 and above good, 64 uncertain, below bad. */
export interface Point {
  t: Seconds
  value: number
  quality: number
}

export type Batch = Map<string, Point[]>

/** What the sidecar sends, as far as the page understands it. */
export type Frame =
  | { type: 'connected'; epoch: string | null }
  | { type: 'datapoints_batch'; n: number | null; batch: Batch }
  | { type: 'reload' }
  | { type: 'other' }

interface WirePoint {
  event_public_id: string
  value: number
  timestamp: string
  quality?: number
}

const GOOD = 192

export function parseFrame(text: string): Frame {
  const frame = JSON.parse(text) as Record<string, unknown>
  if (frame.type === 'connected') return { type: 'connected', epoch: typeof frame.epoch === 'string' ? frame.epoch : null }
  if (frame.type === 'reload') return { type: 'reload' }
  if (frame.type !== 'datapoints_batch') return { type: 'other' }
  const n = typeof frame.n === 'number' ? frame.n : null
  return { type: 'datapoints_batch', n, batch: batchOf(frame.datapoints as WirePoint[]) }
}

function batchOf(points: WirePoint[]): Batch {
  const batch: Batch = new Map()
  for (const { event_public_id: id, value, timestamp, quality = GOOD } of points) {
    const point = { t: parseTime(timestamp), value, quality }
    const known = batch.get(id)
    if (known) known.push(point)
    else batch.set(id, [point])
  }
  return batch
}
