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

it('says in short what a row is called, and its numbers last', () => {
  const added = changesOf(null, { id: 1, user_id: 2, b_c: 'x\ny', name: 'a'.repeat(50), d: 1, e: 1 })
  expect(shortly(added, false)).toEqual({ said: [`name: ${'a'.repeat(40)}…`, 'b c: x y', 'd: 1'], more: 3 })
  const changed = changesOf({ user_id: 2, text: null }, { user_id: 3, text: 'new' })
  expect(shortly(changed, true)).toEqual({ said: ['text: nothing → new', 'user id: 2 → 3'], more: 0 })
})
