import { describe, expect, it } from 'vitest'
import { freshness, median, Rhythm } from './freshness'

function rhythmOf(...times: number[]) {
  const rhythm = new Rhythm()
  times.forEach((t) => rhythm.note(t))
  return rhythm.usual
}

describe('freshness', () => {
  it.each([
    [null, 1, 'none'],
    [2, 1, 'current'],
    [3.5, 1, 'stale'],
    [2, 0.1, 'current'],
    [170, 60, 'current'],
    [181, 60, 'stale'],
    [29, null, 'current'],
    [31, null, 'stale'],
  ])('age %s with usual interval %s is %s', (age, usual, word) => expect(freshness(age, usual)).toBe(word))
})

describe('the usual interval', () => {
  it('is unknown until there are three', () => expect(rhythmOf(0, 1, 2)).toBeNull())
  it('is not disturbed by one outage', () => expect(rhythmOf(0, 1, 2, 3, 600, 601)).toBe(1))
  it('follows a lasting change', () => expect(rhythmOf(0, 1, 2, 3, 13, 23, 33, 43, 53, 63)).toBe(10))
})

it('the median of nothing is nothing', () => expect(median([])).toBeNull())
