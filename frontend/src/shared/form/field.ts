import type { Problem } from '@/api/problem'
import type { Option } from '@/shared/list/column'

export type Value = string | number | boolean | null
export type Values = Record<string, Value>

/** A field of a form, as data. `name` is that of the column or of the request's field. */
export interface Field {
  name: string
  label: string
  kind?: 'text' | 'email' | 'password' | 'number' | 'area' | 'choice' | 'check'
  unit?: string
  help?: string
  required?: boolean
  options?: readonly Option[]
  min?: number
  max?: number
  autocomplete?: string
}

/** The field that the server's message is about: it begins with its name, maybe after an article. */
export function fieldOf({ message }: Problem, fields: readonly Field[]): Field | undefined {
  const first = message.replace(/^(the|an?) /i, '')
  return fields.find(({ name }) => first === name || first.startsWith(`${name} `) || first.startsWith(`${name}.`))
}

/** The server's words, with the fields called as the form calls them. */
export function inWordsOf(fields: readonly Field[], text: string): string {
  const called = fields.reduce((said, { name, label }) => said.replace(new RegExp(`\\b${name}\\b`, 'g'), label), text)
  return called.charAt(0).toUpperCase() + called.slice(1)
}

/** What is entered, as the server takes it: an empty field of text or numbers is none. */
export function toSend(value: unknown, { kind, required }: Field): Value {
  if (kind === 'check') return value === true
  if (value === '' || value === null || value === undefined) return required && kind !== 'number' ? '' : null
  return kind === 'number' ? Number(value) : String(value)
}
