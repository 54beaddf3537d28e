import type { Seconds } from '@/format/time'
import type { Point } from '@/live/frames'

/**
 * The values of one event in order of time, each instant once. Past and live values are merged into the same
 * series in any order, so there is neither a hole nor a double where they meet.
 */
export class Series {
  private points: Point[] = []

  get all(): readonly Point[] {
    return this.points
  }

  get newest(): Point | undefined {
    return this.points.at(-1)
  }

  merge(added: readonly Point[]) {
    const sorted = [...added].sort((a, b) => a.t - b.t)
    const newest = this.newest?.t ?? -Infinity
    if (sorted.length > 0 && sorted[0]!.t <= newest) this.points = mergeByTime(this.points, sorted)
    else this.append(sorted)
  }

  /** Forgets what lies before `from`, once something lies before `due`. */
  trim(from: Seconds, due = from) {
    if (this.points.length > 0 && this.points[0]!.t < due) this.points = this.points.filter(({ t }) => t >= from)
  }

  private append(sorted: readonly Point[]) {
    for (const point of sorted) if (point.t !== this.newest?.t) this.points.push(point)
  }
}

function mergeByTime(a: readonly Point[], b: readonly Point[]): Point[] {
  const merged: Point[] = []
  for (let i = 0, j = 0; i < a.length || j < b.length; ) {
    const [left, right] = [a[i], b[j]]
    const takeLeft = right === undefined || (left !== undefined && left.t <= right.t)
    const next = takeLeft ? left! : right
    if (takeLeft) i += 1
    else j += 1
    if (next.t !== merged.at(-1)?.t) merged.push(next)
  }
  return merged
}
