import { expect, it } from 'vitest'
import { figuresOf } from './figures-of'

const bucket = (from: number, mean: number | null, count = 2, bad = 0) => ({
  from,
  firstAt: from,
  lastAt: from + 9,
  count,
  bad,
  min: mean === null ? null : mean - 1,
  max: mean === null ? null : mean + 1,
  mean,
  quality: 192,
})
const envelope = (...buckets: ReturnType<typeof bucket>[]) => ({ origin: 0, width: 10, buckets })

it('weighs means by what is usable', () => {
  const figures = figuresOf(envelope(bucket(0, 10, 3, 1), bucket(10, 20, 6), bucket(20, null, 4, 4)), [0, 30])
  expect(figures).toMatchObject({ count: 13, bad: 5, min: 9, max: 21, mean: 17.5, standard_deviation: null })
})

it('takes what the window touches', () => {
  expect(figuresOf(envelope(bucket(0, 1), bucket(10, 2), bucket(20, 3)), [10, 20])).toMatchObject({ count: 2, mean: 2 })
  expect(figuresOf(envelope(bucket(0, 1)), [10, 20])).toMatchObject({ count: 0, mean: null, min: null })
})
