import { expect, it } from 'vitest'
import { isoTime } from '@/format/time'
import { stretches } from './stretches'

const firing = (from: number, to: number | null) => ({
  fired_at: isoTime(from),
  cleared_at: to === null ? null : isoTime(to),
  value: 1,
  message: '',
})
const places = (...firings: ReturnType<typeof firing>[]) => stretches(firings, [1000, 2000], 500).map(({ x, width }) => [x, width])

it.each([
  [firing(1200, 1400), [[100, 100]]],
  [firing(900, 1100), [[0, 50]]],
  [firing(1900, null), [[450, 50]]],
  [firing(1500, 1500.1), [[250, 2]]],
  [firing(2000, null), [[498, 2]]],
  [firing(100, 200), []],
  [firing(2001, null), []],
])('%o lies at %o', (one, expected) => expect(places(one)).toEqual(expected))
