import { expect, it } from 'vitest'
import type { Event } from '@/api/events'
import { byArea, nameWithinArea } from './areas'

const event = (name: string, area: string | null) => ({ name, area }) as Event

it('orders areas and names as people do, and puts those without an area last', () => {
  const areas = byArea([event('x', null), event('T10', 'Reactor'), event('T2', 'Reactor'), event('flow', 'feed')])
  expect(areas.map(({ name, events }) => [name, events.map((each) => each.name)])).toEqual([
    ['feed', ['flow']],
    ['Reactor', ['T2', 'T10']],
    [null, ['x']],
  ])
})

it.each([
  ['Machine CPU', 'Machine', 'CPU'],
  ['Machinery', 'Machine', 'Machinery'],
  ['CPU', 'Machine', 'CPU'],
  ['CPU', null, 'CPU'],
])('%s in the area %s is called %s', (name, area, short) => expect(nameWithinArea({ name, area })).toBe(short))
