import { describe, expect, it } from 'vitest'
import { Problem } from '@/api/problem'
import { eventsOf, fromText, renamed } from './file'

const widget = (id: string, events?: string[]) => ({ id, type: 'curve', x: 0, y: 0, w: 6, h: 4, options: events ? { events } : {} })
const file = (part: object = {}) =>
  JSON.stringify({ format: 'webmacs.dashboard', version: 1, name: 'Reactor', widgets: [widget('a', ['e1'])], events: [{ public_id: 'e1', name: 'Bed' }], ...part })

describe('a file of a dashboard', () => {
  it('is read as it was saved', () => {
    expect(fromText(file())).toMatchObject({ name: 'Reactor', widgets: [widget('a', ['e1'])] })
  })

  it.each([
    ['', 'This file is no JSON'],
    ['{"format": "webmacs.dashboard",', 'This file is no JSON'],
    ['null', 'not saved from a dashboard'],
    ['[]', 'not saved from a dashboard'],
    ['{"dashboard": {"panels": []}}', 'not saved from a dashboard'],
    [file({ version: 2 }), 'saved by a newer WebMACS (version 2'],
    [file({ version: 'one' }), '“version”'],
    [file({ name: 7 }), '“name”'],
    [file({ widgets: {} }), '“widgets”'],
    [file({ events: [{ public_id: 'e1' }] }), '“events”'],
    [file({ events: [null] }), '“events”'],
    [' '.repeat(1_000_001), 'larger than 1 MB'],
  ])('is refused with the reason: %.40s', (text, why) => {
    expect(() => fromText(text)).toThrow(Problem)
    expect(() => fromText(text)).toThrow(why)
  })
})

describe('events of another installation', () => {
  it('are collected once each', () => {
    expect(eventsOf([widget('a', ['e1', 'e2']), widget('b', ['e2']), widget('c')])).toEqual(['e1', 'e2'])
  })

  it('are named as they are here, the others stay', () => {
    expect(renamed([widget('a', ['e1', 'e2']), widget('b')], new Map([['e1', 'x1']]))).toEqual([widget('a', ['x1', 'e2']), widget('b')])
  })

  it('of whatever form are left for the database to judge', () => {
    const odd = [null, 7, { options: { events: 'e1' } }, { options: { events: [1, 'e1'] } }] as never
    expect(renamed(odd, new Map([['e1', 'x1']]))).toEqual([null, 7, { options: { events: 'e1' } }, { options: { events: [1, 'x1'] } }])
  })
})
