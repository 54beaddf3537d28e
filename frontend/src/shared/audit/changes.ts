import type { Json } from '@/api/schema'
import { words } from '@/words'

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

const MOST_SAID = 3
const MOST_SIGNS = 40
/** What a row is called, before all else; its numbers, which nobody knows it by, behind. */
const FIRST = ['name', 'username', 'title', 'key', 'message', 'text']
const LAST = /^(id|jti|kid|sha256|created_at)$|(^|_)(id|sha256|hash)$/

const place = ({ column }: Change) => (FIRST.includes(column) ? 0 : LAST.test(column) ? 2 : 1)
const cut = (text: string | null) => {
  const line = (text ?? words.audit.nothing).replace(/\s+/g, ' ')
  return line.length > MOST_SIGNS ? `${line.slice(0, MOST_SIGNS)}…` : line
}

/** What changed, in short, and how many more columns there are. */
export function shortly(changes: readonly Change[], isUpdate: boolean): { said: string[]; more: number } {
  const said = [...changes].sort((a, b) => place(a) - place(b)).slice(0, MOST_SAID)
  return {
    said: said.map(({ column, before, after }) => {
      const name = column.replaceAll('_', ' ')
      return isUpdate ? `${name}: ${cut(before)} → ${cut(after)}` : `${name}: ${cut(after ?? before)}`
    }),
    more: changes.length - said.length,
  }
}
