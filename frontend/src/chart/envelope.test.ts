import { describe, expect, it } from 'vitest'
import type { Bucket, Envelope } from '@/api/series'
import { plottedEnvelope, withNewer } from './envelope'

const at = (...times: number[]) => times.map((t) => ({ t, value: t, quality: 192 }))

function envelope(width: number, ...buckets: Partial<Bucket>[]): Envelope {
  const whole = { firstAt: 0, lastAt: 0, count: 1, bad: 0, min: 0, max: 0, mean: 0, quality: 192 }
  return { origin: 0, width, buckets: buckets.map((bucket) => ({ ...whole, from: 0, ...bucket })) }
}

/** Buckets of width 10 with a point a second. */
const dense = (...numbers: number[]) =>
  envelope(10, ...numbers.map((n) => ({ from: 10 * n, firstAt: 10 * n, lastAt: 10 * n + 9, count: 10 })))

/** Buckets with one point each. */
const sparse = (width: number, ...times: number[]) =>
  envelope(width, ...times.map((t) => ({ from: Math.floor(t / width) * width, firstAt: t, lastAt: t })))

const holes = (drawn: Envelope) => plottedEnvelope(drawn)[1].filter((value) => value === null).length

describe('live values', () => {
  it('go on in the last bucket, and in new ones', () => {
    const { buckets } = withNewer(envelope(10, { firstAt: 2, lastAt: 3, count: 2, max: 3, mean: 1.5 }), at(4.5, 9, 10, 31))
    expect(buckets.map(({ from, count }) => [from, count])).toEqual([[0, 4], [10, 1], [30, 1]])
    expect(buckets[0]).toMatchObject({ firstAt: 2, lastAt: 9, min: 0, max: 9, mean: 4.125 })
  })
  it('count once, also when the answer had them already', () => {
    const answer = envelope(10, { lastAt: 5.000001, count: 3 })
    expect(withNewer(answer, at(3, 5, 5.000001)).buckets).toEqual(answer.buckets)
  })
  it('begin a chart that was empty', () => expect(withNewer(envelope(10), at(0, 12)).buckets).toHaveLength(2))
  it('bring their quality along', () => {
    const bad = [{ t: 4, value: 1, quality: 0 }]
    expect(withNewer(envelope(10, { lastAt: 3 }), bad).buckets[0]!.quality).toBe(0)
  })
  it('that are bad count for nothing else', () => {
    const points = [{ t: 4, value: 99, quality: 24 }, ...at(5), { t: 12, value: 99, quality: 24 }, ...at(13)]
    const { buckets } = withNewer(envelope(10, { lastAt: 3, count: 2, mean: 2, max: 2 }), points)
    expect(buckets[0]).toMatchObject({ count: 4, bad: 1, min: 0, max: 5, mean: 3 })
    expect(buckets[1]).toMatchObject({ count: 2, bad: 1, min: 13, max: 13, mean: 13, quality: 24 })
  })
})

describe('gaps', () => {
  it('are where a bucket of many is empty', () => expect(holes(dense(0, 1, 3, 4))).toBe(1))
  it('are not between neighbours', () => expect(holes(dense(0, 1, 2, 3))).toBe(0))
  it('are not where values are rarer than buckets', () => expect(holes(sparse(10, 0, 60, 120, 185, 240))).toBe(0))
  it('are where rare values fail', () => expect(holes(sparse(10, 0, 60, 120, 500, 560, 620))).toBe(1))
  it('are unknown between two', () => expect(holes(sparse(10, 0, 600))).toBe(0))
})

it('draws a mean within its band, and marks what is not good', () => {
  const drawn = plottedEnvelope(envelope(10, { firstAt: 2, lastAt: 4, min: -1, mean: 1, max: 9, quality: 64 }))
  expect(drawn).toEqual([[3], [1], [-1], [9], [1]])
})

it('breaks the line where all is bad, and marks it where the line ended', () => {
  const nothing = { count: 1, bad: 1, min: null, max: null, mean: null, quality: 24 }
  const first = { min: 1, mean: 2, max: 3 }
  const drawn = plottedEnvelope(envelope(10, first, { ...nothing, from: 10, firstAt: 10, lastAt: 10 }))
  expect(drawn).toEqual([[0, 10], [2, null], [1, null], [3, null], [null, 2]])
  expect(plottedEnvelope(envelope(10, nothing))[4]).toEqual([null])
})
