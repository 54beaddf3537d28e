import { describe, expect, it } from 'vitest'
import type { Batch } from './frames'
import { partFor, subscribeFrame, subscriptionFor } from './subscription'

describe('one subscription for all watchers', () => {
  it('is of nothing when nobody watches', () =>
    expect(subscriptionFor([])).toEqual({ events: null, maxRate: null, topics: [] }))
  it('names each event once', () =>
    expect(subscriptionFor([{ events: ['a', 'b'] }, { events: ['b'] }])).toEqual({ events: ['a', 'b'], maxRate: null, topics: [] }))
  it('is everything as soon as one wants everything', () =>
    expect(subscriptionFor([{ events: ['a'], maxRate: 2 }, { events: 'all', maxRate: 4 }])).toEqual({ events: 'all', maxRate: 4, topics: [] }))
  it('leaves nothing out if one wants every value', () =>
    expect(subscriptionFor([{ events: 'all', maxRate: 4 }, { events: ['a'] }])).toEqual({ events: 'all', maxRate: null, topics: [] }))
  it('has no values where only rows are wanted, which limit no rate', () => {
    expect(subscriptionFor([{ topics: ['log'] }])).toEqual({ events: null, maxRate: null, topics: ['log'] })
    const both = subscriptionFor([{ topics: ['log', 'alarm'] }, { events: ['a'], maxRate: 4, topics: ['log'] }])
    expect(both).toEqual({ events: ['a'], maxRate: 4, topics: ['log', 'alarm'] })
  })
})

it('the frame leaves out what is not limited', () => {
  expect(JSON.parse(subscribeFrame({ events: 'all', maxRate: null, topics: ['log'] }, null))).toEqual({
    type: 'subscribe',
    topics: ['datapoints', 'log'],
  })
  expect(JSON.parse(subscribeFrame({ events: null, maxRate: null, topics: ['log'] }, null)).topics).toEqual(['log'])
  expect(JSON.parse(subscribeFrame({ events: ['a'], maxRate: 4, topics: [] }, 'x:7'))).toEqual({
    type: 'subscribe',
    topics: ['datapoints'],
    events: ['a'],
    max_rate: 4,
    since: 'x:7',
  })
})

it('a watcher gets its part of a batch', () => {
  const point = { t: 1, value: 2, quality: 192 }
  const batch: Batch = new Map([
    ['a', [point]],
    ['b', [point]],
  ])
  expect([...partFor({ events: ['b', 'c'] }, batch).keys()]).toEqual(['b'])
})
