import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import { choicesOf, type Column, type ListState, type Sort } from './column'
import { isSpan } from './time-span'

const FILTER = 'f.'

/** Whatever its rows are. */
type AnyColumn = Omit<Column<Record<string, unknown>>, 'name'> & { name: string }

function sortOf(text: unknown, columns: readonly AnyColumn[], usual: Sort): Sort {
  const descending = String(text).startsWith('-')
  const name = String(text).slice(descending ? 1 : 0)
  return columns.some((column) => column.sortable && column.name === name) ? { column: name, descending } : usual
}

function filterOf({ name, filter }: AnyColumn, query: LocationQuery): [string, string][] {
  const value = query[FILTER + name]
  if (typeof value !== 'string' || value === '' || filter === undefined) return []
  const choices = choicesOf({ label: '', filter })
  const known = choices === null ? filter === 'text' || isSpan(value) : choices.options.some((option) => option.value === value)
  return known ? [[name, value]] : []
}

/** What an address says to show; what makes no sense in it is left out. */
export function fromQuery(query: LocationQuery, columns: readonly AnyColumn[], usual: Sort): ListState {
  const page = Number(query.page)
  return {
    page: Number.isSafeInteger(page) && page > 1 ? page : 1,
    sort: sortOf(query.sort, columns, usual),
    filters: Object.fromEntries(columns.flatMap((column) => filterOf(column, query))),
  }
}

/** The same as an address, without what is usual; other parts of the address stay. */
export function toQuery({ page, sort, filters }: ListState, usual: Sort, query: LocationQuery): LocationQueryRaw {
  const others = Object.entries(query).filter(([key]) => key !== 'page' && key !== 'sort' && !key.startsWith(FILTER))
  const isUsual = sort.column === usual.column && sort.descending === usual.descending
  return {
    ...Object.fromEntries(others),
    ...(page > 1 ? { page: String(page) } : {}),
    ...(isUsual ? {} : { sort: `${sort.descending ? '-' : ''}${sort.column}` }),
    ...Object.fromEntries(Object.entries(filters).map(([name, value]) => [FILTER + name, value])),
  }
}
