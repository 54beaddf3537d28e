import type { Json } from '@/api/schema'

/** A column of a row before and after; null: it was, or is, not there. */
export interface Change {
  column: string
  before: string | null
  after: string | null
}

const textOf = (value: Json | undefined) => {
  if (value === undefined || value === null) return null
  return typeof value === 'object' ? JSON.stringify(value, null, 1) : String(value)
}

/** What differs, column by column; of a row that was added or deleted only what it says. */
export function changesOf(before: Json | null, after: Json | null): Change[] {
  const [old, fresh] = [before, after].map((row) => (row ?? {}) as Record<string, Json>)
  const columns = [...new Set([...Object.keys(old!), ...Object.keys(fresh!)])]
  return columns
    .map((column) => ({ column, before: textOf(old![column]), after: textOf(fresh![column]) }))
    .filter((change) => change.before !== null || change.after !== null)
}

const MOST_NAMES = 4

/** Which columns, in short, and how many more there are. */
export function shortly(changes: readonly Change[]): { names: string; more: number } {
  const names = changes.slice(0, MOST_NAMES).map(({ column }) => column.replaceAll('_', ' '))
  return { names: names.join(', '), more: changes.length - names.length }
}
