import { parseTime, type Seconds } from '@/format/time'

/** One measured value; quality as OPC has it: 192 and above good, 64 uncertain, below bad. */
export interface Point {
  t: Seconds
  value: number
  quality: number
}

export type Batch = Map<string, Point[]>

/** What rows may be of, and where their frames have them. */
const ROWS = { alarm: 'alarms', command: 'commands', log: 'log_entries', ota: 'updates' } as const
export type Topic = keyof typeof ROWS

/** What the sidecar sends, as far as the page understands it. */
export type Frame =
  | { type: 'connected'; epoch: string | null }
  | { type: 'datapoints_batch'; n: number | null; batch: Batch }
  | { type: 'rows'; topic: Topic; n: number | null; rows: Record<string, unknown>[] }
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
  const n = typeof frame.n === 'number' ? frame.n : null
  if (isTopic(frame.type)) return { type: 'rows', topic: frame.type, n, rows: frame[ROWS[frame.type]] as Record<string, unknown>[] }
  if (frame.type !== 'datapoints_batch') return { type: 'other' }
  return { type: 'datapoints_batch', n, batch: batchOf(frame.datapoints as WirePoint[]) }
}

const isTopic = (type: unknown): type is Topic => typeof type === 'string' && Object.hasOwn(ROWS, type)

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
