import { likeOf } from '@/api/like'
import { Problem } from '@/api/problem'
import { rest, rowsOf, type RowOf, type ViewName } from '@/api/rest'
import type { Column, ListState } from './column'
import { endsOf } from './time-span'
import type { Listed } from './use-list'

type Client = Awaited<ReturnType<typeof rest>>

export const PAGE_ROWS = 50
const MOST_ROWS = 10_000
const BEYOND_THE_END = 416

export interface Page<Row> {
  rows: Row[]
  /** Of all pages together. */
  count: number
}

/** The part of postgrest-js's query that the columns' types would make unreadable here. */
interface Query extends PromiseLike<{ data: object[] | null; error: unknown; status: number; count: number | null }> {
  eq(column: string, value: string): Query
  ilike(column: string, pattern: string): Query
  is(column: string, value: null): Query
  not(column: string, operator: 'is', value: null): Query
  gte(column: string, value: string): Query
  lt(column: string, value: string): Query
  order(column: string, options: { ascending: boolean; nullsFirst: boolean }): Query
  range(from: number, to: number): Query
  limit(count: number): Query
  csv(): PromiseLike<{ data: string | null; error: unknown; status: number }>
}

/** The choice of what has nothing in a column. */
const NOTHING = 'null'

function filtered<Row>(query: Query, name: string, filter: Column<Row>['filter'], value: string): Query {
  if (filter === 'text') return query.ilike(name, likeOf(value))
  if (filter !== 'time') {
    const chosen = Array.isArray(filter) || filter === undefined
    if (chosen) return value === NOTHING ? query.is(name, null) : query.eq(name, value)
    return value === 'none' ? query.is(name, null) : query.not(name, 'is', null)
  }
  const [from, to] = endsOf(value)
  const begun = from === '' ? query : query.gte(name, from)
  return to === '' ? begun : begun.lt(name, to)
}

/** What the filters leave of a view, in order. The key settles the order of rows that are alike. */
function queried<Name extends ViewName>(client: Client, of: Listed<Name>, { sort, filters }: ListState): Query {
  let query = client.from(of.view).select((of.select ?? '*') as '*', { count: 'exact' }) as unknown as Query
  for (const { name, filter } of of.columns) {
    const value = filters[name]
    if (value !== undefined) query = filtered(query, name, filter, value)
  }
  const first = query.order(sort.column, { ascending: !sort.descending, nullsFirst: false })
  return sort.column === of.key ? first : first.order(of.key, { ascending: !sort.descending, nullsFirst: false })
}

/** One page of a view, as the database filters and sorts it. */
export async function readPage<Name extends ViewName>(of: Listed<Name>, state: ListState): Promise<Page<RowOf<Name>>> {
  const first = (state.page - 1) * PAGE_ROWS
  const answer = await queried(await rest(), of, state).range(first, first + PAGE_ROWS - 1)
  return { rows: rowsOf<object[]>(answer) as RowOf<Name>[], count: answer.count ?? 0 }
}

/** All that the filters leave, up to what the server gives at once. */
export async function readCsv<Name extends ViewName>(of: Listed<Name>, state: ListState): Promise<string> {
  return rowsOf<string>(await queried(await rest(), of, state).limit(MOST_ROWS).csv())
}

/** The page does not exist any more, as after rows were deleted. */
export const isBeyondTheEnd = (problem: unknown) => problem instanceof Problem && problem.status === BEYOND_THE_END
