import { likeOf } from '@/api/like'
import { Problem } from '@/api/problem'
import { rest, rowsOf, type RowOf, type ViewName } from '@/api/rest'
import type { Column, ListState } from './column'

export const PAGE_ROWS = 50
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
  order(column: string, options: { ascending: boolean; nullsFirst: boolean }): Query
  range(from: number, to: number): Query
}

/** One page of a view, as the database filters and sorts it. `key` settles the order of rows that are alike. */
export async function readPage<Name extends ViewName>(
  view: Name,
  key: keyof RowOf<Name> & string,
  columns: readonly Column<RowOf<Name>>[],
  { page, sort, filters }: ListState,
  select = '*',
): Promise<Page<RowOf<Name>>> {
  let query = (await rest()).from(view).select(select as '*', { count: 'exact' }) as unknown as Query
  for (const { name, filter } of columns) {
    const value = filters[name]
    if (value !== undefined) query = filter === 'text' ? query.ilike(name, likeOf(value)) : query.eq(name, value)
  }
  query = query.order(sort.column, { ascending: !sort.descending, nullsFirst: false })
  if (sort.column !== key) query = query.order(key, { ascending: !sort.descending, nullsFirst: false })
  const first = (page - 1) * PAGE_ROWS
  const answer = await query.range(first, first + PAGE_ROWS - 1)
  return { rows: rowsOf<object[]>(answer) as RowOf<Name>[], count: answer.count ?? 0 }
}

/** The page does not exist any more, as after rows were deleted. */
export const isBeyondTheEnd = (problem: unknown) => problem instanceof Problem && problem.status === BEYOND_THE_END
