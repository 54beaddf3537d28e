import { expect, it } from 'vitest'
import { idsOf, shiftOf } from './address'

const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`

it.each([
  [{}, []],
  [{ events: '' }, []],
  [{ events: `${id(1)},${id(2)}` }, [id(1), id(2)]],
  [{ events: `${id(1)},${id(1).toUpperCase()}` }, [id(1)]],
  [{ events: `${id(1)},(select)` }, [id(1)]],
  [{ events: [id(1)] }, []],
])('the address %o names %o', (query, ids) => expect(idsOf(query)).toEqual(ids))

it('names no more events than can be drawn', () =>
  expect(idsOf({ events: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(id).join() })).toHaveLength(8))

it.each([
  [{}, null],
  [{ compare: '86400' }, 86_400],
  [{ compare: '-1' }, null],
  [{ compare: 'yesterday' }, null],
  [{ compare: '1e99' }, null],
])('the address %o compares with %o', (query, shift) => expect(shiftOf(query)).toBe(shift))
