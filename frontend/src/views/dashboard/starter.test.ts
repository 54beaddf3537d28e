import { describe, expect, it } from 'vitest'
import type { Event } from '@/api/events'
import { starterFor } from './starter'

const event = (id: number, part: Partial<Event> = {}) =>
  ({ id, public_id: `e${id}`, name: `E${id}`, unit: '°C', event_type: 'sensor', min_value: 0, max_value: 100, ...part }) as Event
const kinds = (events: Event[]) => starterFor(events).map(({ type, options }) => `${type} ${options.events!.join('+')}`)

describe('a first dashboard', () => {
  it('has a curve for each unit, numbers, controls and the alarms', () => {
    const events = [event(1), event(2, { unit: 'bar' }), event(3), event(4, { event_type: 'actuator' }), event(5, { event_type: 'cmd_button' })]
    expect(kinds(events)).toEqual(['curve e1+e3', 'curve e2', 'number e1', 'number e2', 'number e3', 'slider e4', 'button e5', 'alarms e1+e2+e3+e4+e5'])
  })

  it('is bounded, and no curve has more lines than can be told apart', () => {
    const widgets = starterFor(Array.from({ length: 200 }, (_, n) => event(n, { unit: n < 100 ? '°C' : `u${n}` })))
    expect(widgets.length).toBeLessThan(20)
    expect(Math.max(...widgets.filter(({ type }) => type === 'curve').map(({ options }) => options.events!.length))).toBe(8)
  })

  it('lays nothing on anything else, with an id for each', () => {
    const widgets = starterFor([event(1), event(2, { unit: 'bar' }), event(3, { event_type: 'actuator' })])
    const cells = widgets.flatMap(({ x, y, w, h }) => Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`))
    expect(new Set(cells).size).toBe(cells.length)
    expect(new Set(widgets.map(({ id }) => id)).size).toBe(widgets.length)
  })
})
