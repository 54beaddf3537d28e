import { expect, it } from 'vitest'
import { reconnectDelay } from './reconnect'

it('doubles from one second up to half a minute', () => {
  const delays = [1, 2, 3, 4, 5, 6, 50].map((attempt) => reconnectDelay(attempt, 0))
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
})

it('is spread over the second half, so that pages do not return all at once', () => {
  expect(reconnectDelay(3, 0.5)).toBe(3000)
  expect(reconnectDelay(3, 0.999)).toBeGreaterThan(2000)
})
