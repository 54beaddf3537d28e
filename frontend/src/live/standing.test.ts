import { expect, it } from 'vitest'
import type { Reading } from './newest'
import { standingOf } from './standing'

const reading: Reading = { t: 100, value: 1, quality: 192, usualInterval: 1, trail: [] }

it('a fresh value is current, live or polled', () => {
  expect(standingOf(reading, 'live', 101)).toBe('current')
  expect(standingOf(reading, 'polling', 101)).toBe('current')
})
it('the same value is not believed once the connection is lost', () => expect(standingOf(reading, 'lost', 101)).toBe('disconnected'))
it('silence makes it stale', () => expect(standingOf(reading, 'live', 110)).toBe('stale'))
it('without a value there is nothing to judge', () => expect(standingOf(null, 'live', 101)).toBe('none'))
