import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { apart } from './end-numbers'
import { DASHES, MOST_LINES, scalesOf } from './line'
import { readingsAt, summaryOf } from './pointed'
import { alignedData, placesOf } from './series-options'

const event = (unit: string | null) => ({ id: 1, public_id: 'a', name: 'A', unit, event_type: 'sensor' as const, min_value: null, max_value: null })
const line = (key: string, times: number[], values: (number | null)[], band = false) => {
  const none = times.map(() => null)
  const around = (by: number) => (band ? values.map((value) => (value === null ? null : value + by)) : none)
  return { key, event: event('V'), style: 0, band, plotted: [times, values, around(-1), around(1), none] as never }
}

describe('units', () => {
  const sides = (...units: (string | null)[]) => scalesOf(units.map((unit) => ({ event: event(unit) }))).map(({ unit, side }) => [unit, side])
  it('share an axis where they are the same', () => expect(sides('V', 'V')).toEqual([['V', 'left']]))
  it('stand left and right, and further ones nowhere', () =>
    expect(sides('V', 'A', 'V', null)).toEqual([['V', 'left'], ['A', 'right'], ['', null]]))
})

describe('lines over one axis of time', () => {
  const two = [line('a', [1, 3], [10, null]), line('b', [2, 3], [20, 30], true)]
  it('have gaps of their own, not those of others', () => {
    const [times, a, , b, , low, high] = alignedData(two)
    expect(times).toEqual([1, 2, 3])
    expect(a).toEqual([10, null, null])
    expect([b, low, high]).toEqual([[undefined, 20, 30], [undefined, 19, 29], [undefined, 21, 31]])
  })
  it('have gaps as long as they are, whatever others measured meanwhile', () => {
    const [, a] = alignedData([line('a', [1, 2, 5, 8, 9], [10, 11, null, 12, 13]), line('b', [3, 4, 6, 7, 8.5], [1, 1, 1, 1, 1])])
    expect(a).toEqual([10, 11, null, null, null, null, null, 12, undefined, 13])
  })
  it('have their columns one after the other', () =>
    expect(placesOf(two)).toEqual([
      { value: 1, notGood: 2, lowest: null, highest: null },
      { value: 3, notGood: 4, lowest: 5, highest: 6 },
    ]))
  it('are read where the cursor is', () => {
    const found = readingsAt(two, alignedData(two), [1, 0, 0, 1, 1, 1, 1])
    expect(found.get('a')).toMatchObject({ value: 10, lowest: null })
    expect(found.get('b')).toMatchObject({ value: 20, lowest: 19, highest: 21 })
  })
})

it('sums up what the window shows', () => {
  const shown = line('a', [1, 2, 3, 4, 5], [99, 2, 7, null, 50], true)
  expect(summaryOf(shown, [2, 4])).toEqual({ value: 7, at: 3, lowest: 1, highest: 8, notGood: null })
  expect(summaryOf(shown, [8, 9])).toMatchObject({ value: null, lowest: null })
})

it('sets numbers apart that would lie over each other', () => {
  expect(apart([10, 12, 40], 8)).toEqual([10, 18, 40])
  expect(apart([12, 10], 8)).toEqual([18, 10])
  expect(apart([], 8)).toEqual([])
})

describe('colours of lines', () => {
  const css = readFileSync(new URL('../style/tokens.css', import.meta.url), 'utf8')
  const schemes = css.split('\n  color-scheme:').slice(1)
  const valueOf = (scheme: string, name: string) => new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(scheme)![1]!
  const luminance = (colour: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    const linear = (c: number) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    return 0.2126 * linear(r!) + 0.7152 * linear(g!) + 0.0722 * linear(b!)
  }
  const contrast = (a: string, b: string) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (high! + 0.05) / (low! + 0.05)
  }
  it.each(schemes.map((scheme, i) => [i === 0 ? 'light' : 'dark', scheme]))('are seen well in %s, also as digits', (_, scheme) => {
    for (let n = 1; n <= MOST_LINES; n += 1)
      expect(contrast(valueOf(scheme, `trend-${n}`), valueOf(scheme, 'surface'))).toBeGreaterThan(4.5)
  })
  it('have as many dashes', () => expect(new Set(DASHES.map(String)).size).toBe(MOST_LINES))
})
