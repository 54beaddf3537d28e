export interface Option {
  value: string
  label: string
}

/** Whether there is anything in a column, as a choice of its own name. */
export interface Presence {
  label: string
  none: string
  some: string
}

/** A column of a list, as data. */
export interface Column<Row> {
  name: keyof Row & string
  label: string
  /** What stands above it, where it shows more than it is filtered by. */
  heading?: string
  sortable?: boolean
  /** Filtered by a choice of these, by whether there is anything, by a text that it contains, or by a range of time.
   *  The option `null` is of what has nothing there. */
  filter?: readonly Option[] | Presence | 'text' | 'time'
  /** Takes what the others leave; on a card it leads, or is a `line` among the others. */
  wide?: boolean | 'line'
}

export interface Sort {
  column: string
  descending: boolean
}

/** What of a list is shown. Pages are counted from 1; `filters` holds those that are set, by column. */
export interface ListState {
  page: number
  sort: Sort
  filters: Readonly<Record<string, string>>
}

const isPresence = (filter: readonly Option[] | Presence): filter is Presence => !Array.isArray(filter)

/** The choices of a filter that is chosen from; null where it is not. */
export function choicesOf({ label, filter }: { label: string; filter?: Column<never>['filter'] | undefined }): { label: string; options: readonly Option[] } | null {
  if (filter === undefined || typeof filter === 'string') return null
  if (!isPresence(filter)) return { label, options: filter }
  return { label: filter.label, options: [{ value: 'none', label: filter.none }, { value: 'some', label: filter.some }] }
}
