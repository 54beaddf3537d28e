export interface Option {
  value: string
  label: string
}

/** A column of a list, as data. */
export interface Column<Row> {
  name: keyof Row & string
  label: string
  sortable?: boolean
  /** Filtered by a choice of these, by a text that it contains, or by a range of time. */
  filter?: readonly Option[] | 'text' | 'time'
  /** Takes what the others leave. */
  wide?: boolean
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
