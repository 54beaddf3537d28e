import type { Bucket, Envelope } from '@/api/series'
import type { Seconds } from '@/format/time'
import { median } from '@/live/freshness'
import { isDoubtful, qualityOf } from '@/live/quality'
import type { Point } from '@/live/frames'
import { GAP_FACTOR, NEIGHBOURS, type Plotted } from './gaps'

/** Less than the database tells apart; stamps come as text from the one side and as numbers from the other. */
const SAME: Seconds = 0.5e-6

const middle = ({ firstAt, lastAt }: Bucket) => (firstAt + lastAt) / 2

function started(from: Seconds, point: Point): Bucket {
  const { t, quality } = point
  return joined({ from, firstAt: t, lastAt: t, count: 0, bad: 0, min: null, max: null, mean: null, quality }, point)
}

function joined(bucket: Bucket, { t, value, quality }: Point): Bucket {
  const joint = { ...bucket, lastAt: t, count: bucket.count + 1, quality: Math.min(bucket.quality, quality) }
  if (qualityOf(quality) === 'bad') return { ...joint, bad: bucket.bad + 1 }
  const mean = bucket.mean ?? value
  return {
    ...joint,
    min: Math.min(bucket.min ?? value, value),
    max: Math.max(bucket.max ?? value, value),
    mean: mean + (value - mean) / (joint.count - joint.bad),
  }
}

/** The envelope with points (in order of time) that are newer than all that it was made from. */
export function withNewer(envelope: Envelope, points: readonly Point[]): Envelope {
  const { origin, width } = envelope
  const buckets = [...envelope.buckets]
  const known = buckets.at(-1)?.lastAt ?? origin - 2 * SAME
  for (const point of points) {
    if (point.t <= known + SAME) continue
    const from = origin + Math.floor((point.t - origin) / width) * width
    const last = buckets.at(-1)
    if (last !== undefined && from < last.from + width / 2) buckets[buckets.length - 1] = joined(last, point)
    else buckets.push(started(from, point))
  }
  return { origin, width, buckets }
}

/** The usual interval of points near bucket `i`, from those within it or, where each has one, from its neighbours. */
function usualNear(buckets: readonly Bucket[], i: number, direction: 1 | -1): Seconds {
  const { count, firstAt, lastAt } = buckets[i]!
  if (count > 1) return (lastAt - firstAt) / (count - 1)
  const near = Array.from({ length: NEIGHBOURS + 1 }, (_, n) => buckets[i + n * direction]).filter((each) => each !== undefined)
  return median(near.slice(1).map((each, n) => Math.abs(each.firstAt - near[n]!.firstAt))) ?? Infinity
}

/** Whether the source was silent before bucket `i`: nothing for a whole bucket and for five times what is usual. */
function isHole(buckets: readonly Bucket[], i: number, width: Seconds): boolean {
  if (i < 1) return false
  const [previous, next] = [buckets[i - 1]!, buckets[i]!]
  if (next.from - previous.from < 1.5 * width) return false
  const usual = [usualNear(buckets, i - 1, -1), usualNear(buckets, i, 1)].filter(Number.isFinite)
  return usual.length > 0 && next.firstAt - previous.lastAt > GAP_FACTOR * Math.max(...usual)
}

/**
 * For drawing: the mean as a line, lowest and highest as a band around it, neither over a silence nor where all is bad,
 * which is marked where the line ended.
 */
export function plottedEnvelope({ width, buckets }: Envelope): Plotted {
  const [times, line, low, high, notGood]: Plotted = [[], [], [], [], []]
  let known: number | null = null
  buckets.forEach((bucket, i) => {
    known = bucket.mean ?? known
    if (isHole(buckets, i, width)) {
      times.push((middle(buckets[i - 1]!) + middle(bucket)) / 2)
      for (const column of [line, low, high, notGood]) column.push(null)
    }
    times.push(middle(bucket))
    line.push(bucket.mean)
    low.push(bucket.min)
    high.push(bucket.max)
    notGood.push(isDoubtful(bucket.quality) ? known : null)
  })
  return [times, line, low, high, notGood]
}
