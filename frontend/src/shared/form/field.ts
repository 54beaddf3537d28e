import { Problem } from '@/api/problem'
import type { Option } from '@/shared/list/column'
import { words } from '@/words'

export type Value = string | number | boolean | null | Value[] | { [name: string]: Value }
export type Values = Record<string, Value>

/** A field of a form, as data. `name` is that of the column or of the request's field. */
export interface Field {
  name: string
  label: string
  /** `json`: a text that says any value; `group`: several `fields`; `list`: any number of `item`. */
  kind?: 'text' | 'email' | 'password' | 'number' | 'area' | 'choice' | 'check' | 'json' | 'group' | 'list'
  unit?: string | undefined
  help?: string | undefined
  required?: boolean | undefined
  options?: readonly Option[]
  /** The options are values as JSON, as numbers and null are no texts. */
  coded?: boolean
  min?: number | undefined
  max?: number | undefined
  autocomplete?: string
  fields?: readonly Field[] | undefined
  item?: Field
  /** What it begins with where nothing is given. */
  initial?: Value | undefined
  /** What an empty field says: nothing at all, null, or an empty text; else null, or what is required. */
  empty?: 'omitted' | 'null' | 'text'
  /** A secret is stored already, which can only be replaced or taken away. */
  stored?: boolean
  /** It stands beside its neighbour. */
  half?: boolean
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a field holds at first, for a value that is there or `undefined`. */
export function entryOf(value: unknown, field: Field): unknown {
  const given = value === undefined ? field.initial : value
  const { kind, fields = [], item } = field
  if (kind === 'group') {
    const parts = isObject(given) ? given : {}
    return Object.fromEntries(fields.map((one) => [one.name, entryOf(parts[one.name], one)]))
  }
  if (kind === 'list') return Array.isArray(given) ? given.map((one) => entryOf(one, item!)) : []
  if (kind === 'json') return given === undefined ? '' : JSON.stringify(given, null, 2)
  return field.coded ? (given === undefined ? '' : JSON.stringify(given)) : given
}

/** What is entered, as the server takes it: an empty field of text or numbers is none. `undefined`: is not sent. */
export function toSend(value: unknown, field: Field, path = field.name): Value | undefined {
  const { kind, required, empty, fields = [], item } = field
  if (kind === 'check') return value === true
  if (kind === 'group') {
    const parts = fields.map((one): [string, Value | undefined] => {
      return [one.name, toSend((value as Record<string, unknown>)[one.name], one, `${path}.${one.name}`)]
    })
    return Object.fromEntries(parts.filter((part): part is [string, Value] => part[1] !== undefined))
  }
  if (kind === 'list') return (value as unknown[]).map((one, i) => toSend(one, item!, `${path}[${i}]`) ?? null)
  if (field.stored && value === null) return null // taken away
  if (value === '' || value === null || value === undefined) {
    if (empty === 'omitted') return undefined
    return empty === 'text' || (empty === undefined && required && kind !== 'number') ? '' : null
  }
  if (kind === 'json' || field.coded) return parsed(String(value), path)
  return kind === 'number' ? Number(value) : String(value)
}

function parsed(text: string, path: string): Value {
  try {
    return JSON.parse(text) as Value
  } catch {
    throw new Problem(`${path} ${words.form.notJson}`, 400)
  }
}

const withoutArticle = (message: string) => message.replace(/^(the|an?) /i, '')

/** The field that the server's message is about: it begins with its name, maybe after an article. */
export function fieldOf({ message }: Problem, fields: readonly Field[]): Field | undefined {
  const said = withoutArticle(message)
  return fields.find(({ name }) => said === name || (said.startsWith(name) && ' .['.includes(said.charAt(name.length))))
}

/** Where within a field the message is about, as `.channels[0].port`; empty for the field itself. */
export function placeWithin(message: string, { name, kind }: Field): string {
  if (kind !== 'group' && kind !== 'list') return ''
  return /^(?:[.[][^\s.[]+)*/.exec(withoutArticle(message).slice(name.length))![0]
}

/** The first step of a place, `.channels` or `[0]`, and the rest. */
export function stepOf(place: string): [string | null, string] {
  const [step] = /^(?:\.[^.[]+|\[\d+\])/.exec(place) ?? []
  return step === undefined ? [null, ''] : [step.replace(/^[.[]|\]$/g, ''), place.slice(step.length)]
}

/** The field at a place, and how much of the place nobody knows. */
function fieldAt(field: Field, place: string): [Field, string] {
  const [step, rest] = stepOf(place)
  if (step === null) return [field, place]
  const inner = field.kind === 'list' ? field.item : field.fields?.find(({ name }) => name === step)
  return inner === undefined ? [field, place] : fieldAt(inner, rest)
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** The server's words, with the fields called as the form calls them. */
export function inWordsOf(fields: readonly Field[], text: string): string {
  const field = fieldOf({ message: text } as Problem, fields)
  const place = field === undefined ? '' : placeWithin(text, field)
  if (field !== undefined && place !== '') {
    const [inner, unknown] = fieldAt(field, place)
    const rest = withoutArticle(text).slice(field.name.length + place.length)
    return capital(`${inner.label || field.label}${unknown === '' ? '' : ` ${unknown.replace(/^\./, '')}`}${rest}`)
  }
  return capital(fields.reduce((said, { name, label }) => said.replace(new RegExp(`\\b${name}\\b`, 'g'), label), text))
}
