import { expect, it } from 'vitest'
import { changesOf, shortly } from './changes'

it('shows what differs, before and after', () =>
  expect(changesOf({ name: 'a', config: { x: 1 } }, { name: '<b>b</b>', config: { x: 2 } })).toEqual([
    { column: 'name', before: 'a', after: '<b>b</b>' },
    { column: 'config', before: '{\n "x": 1\n}', after: '{\n "x": 2\n}' },
  ]))

it.each([
  [null, { id: 1, note: null }, [{ column: 'id', before: null, after: '1' }]],
  [{ id: 1 }, null, [{ column: 'id', before: '1', after: null }]],
  [{ read: false }, { read: true }, [{ column: 'read', before: 'false', after: 'true' }]],
  [null, null, []],
])('%o to %o', (before, after, changes) => expect(changesOf(before, after)).toEqual(changes))

it('names the first columns', () => {
  const changes = changesOf({ a: 1, b_c: 1, d: 1, e: 1, f: 1, g: 1 }, null)
  expect(shortly(changes)).toEqual({ names: 'a, b c, d, e', more: 2 })
})
