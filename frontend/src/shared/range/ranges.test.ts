import { describe, expect, it } from 'vitest'
import { dayBefore, besides, fromQuery, RANGES } from './ranges'

it.each([
  [{ range: '3600' }, { span: 3600 }],
  [{ range: '63072000' }, { span: 63_072_000 }],
  [{}, { span: 300 }],
  [{ range: '1234' }, { span: 1234 }],
  [{ range: 'forever' }, { span: 300 }],
  [{ range: '-60' }, { span: 300 }],
  [{ range: '1e99' }, { span: 300 }],
  [{ from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' }, { from: 1767225600, to: 1767312000 }],
  [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, { span: 300 }],
  [{ from: 'yesterday', to: 'today', range: '60' }, { span: 60 }],
])('the address %o shows %o', (query, shown) => expect(fromQuery(query)).toMatchObject(shown))

it('offers each range once', () => expect(new Set(RANGES.map(({ span }) => span)).size).toBe(RANGES.length))

it('leaves what others keep in the address', () => expect(besides({ range: '60', from: 'x', to: 'y', events: 'z' })).toEqual({ events: 'z' }))

describe('the day before', () => {
  it('is whole, from midnight to midnight where the viewer is', () => {
    const noon = new Date(2026, 2, 30, 12).getTime() / 1000
    expect(dayBefore(noon)).toEqual({ from: new Date(2026, 2, 29).getTime() / 1000, to: new Date(2026, 2, 30).getTime() / 1000 })
  })
})
