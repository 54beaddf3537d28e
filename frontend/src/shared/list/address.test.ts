import { expect, it } from 'vitest'
import { fromQuery, toQuery } from './address'
import type { Column, ListState } from './column'

const COLUMNS: Column<Record<string, unknown>>[] = [
  { name: 'at', label: 'At', sortable: true },
  { name: 'level', label: 'Level', filter: [{ value: 'error', label: 'error' }] },
  { name: 'message', label: 'Message', filter: 'text', sortable: true },
  { name: 'secret', label: 'Secret' },
]
const USUAL = { column: 'at', descending: true }
const usual: ListState = { page: 1, sort: USUAL, filters: {} }

const CASES: [Record<string, string>, Partial<ListState>][] = [
  [{}, {}],
  [{ page: '3' }, { page: 3 }],
  [{ sort: 'at' }, { sort: { column: 'at', descending: false } }],
  [{ sort: '-message' }, { sort: { column: 'message', descending: true } }],
  [{ 'f.level': 'error' }, { filters: { level: 'error' } }],
  [{ 'f.message': 'bed & 50 %', page: '2' }, { filters: { message: 'bed & 50 %' }, page: 2 }],
]
it.each(CASES)('%o shows %o, and back', (query, shown) => {
  const state = fromQuery(query, COLUMNS, USUAL)
  expect(state).toEqual({ ...usual, ...shown })
  expect(toQuery(state, USUAL, {})).toEqual(query)
})

it.each([
  { page: '0' },
  { page: 'two' },
  { page: '1e99' },
  { sort: 'level' },
  { sort: 'password_hash' },
  { 'f.level': 'loud' },
  { 'f.secret': 'x' },
  { 'f.message': '' },
])('%o makes no sense and is left out', (query) => expect(fromQuery(query, COLUMNS, USUAL)).toEqual(usual))

it('leaves what others keep in the address', () =>
  expect(toQuery({ ...usual, page: 2 }, USUAL, { open: '5', page: '9', 'f.level': 'error' })).toEqual({ open: '5', page: '2' }))
