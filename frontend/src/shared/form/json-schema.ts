import { words } from '@/words'
import type { Field, Value } from './field'

/** What a plugin's description says of its settings, as far as the page draws it. All else the server checks. */
export interface JsonSchema {
  type?: string | string[]
  title?: string
  description?: string
  default?: Value
  enum?: Value[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  unit?: string
  writeOnly?: boolean
  required?: string[]
  propertyOrder?: number
  properties?: Record<string, JsonSchema>
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  anyOf?: JsonSchema[]
}

const isLong = ({ kind }: Field) => kind === 'list' || kind === 'group' || kind === 'json'

/** The fields of an object, in the order in which its author wrote them, what is long behind what is short. */
export function fieldsOfSchema(schema: JsonSchema): Field[] {
  const order = ([, a]: [string, JsonSchema], [, b]: [string, JsonSchema]) => (a.propertyOrder ?? 0) - (b.propertyOrder ?? 0)
  const required = new Set(schema.required)
  const properties = Object.entries(schema.properties ?? {}).sort(order)
  const fields = properties.map(([name, one]) => fieldOfSchema(name, one, required.has(name)))
  return [...fields.filter((field) => !isLong(field)), ...fields.filter(isLong)]
}

/** The whole of the settings as one field. Without a description they are a text. */
export function settingsField(name: string, label: string, schema: JsonSchema | null): Field {
  if (schema === null) return { name, label, kind: 'json', initial: {}, help: words.form.jsonHelp }
  const secret = secretNames(schema)
  const fields = fieldsOfSchema(schema).map((field) => (secret.has(field.name) ? asSecret(field) : field))
  return { name, label, kind: 'group', fields, help: schema.description }
}

function fieldOfSchema(name: string, schema: JsonSchema, required: boolean): Field {
  const [type, nullable] = typeOf(schema)
  const field: Field = {
    name,
    label: schema.title ?? name,
    help: helpOf(schema),
    unit: schema.unit,
    initial: schema.default,
    required: required && !nullable,
    empty: nullable ? 'null' : 'omitted',
  }
  if (schema.enum !== undefined || (type === 'boolean' && nullable)) return choice(field, schema.enum ?? [null, true, false])
  switch (type) {
    case 'boolean':
      return { ...field, kind: 'check', required: false }
    case 'integer':
    case 'number':
      return { ...field, kind: 'number', min: schema.minimum, max: schema.maximum }
    case 'string':
      return { ...field, kind: 'text', empty: nullable ? 'null' : required ? 'omitted' : 'text' }
    case 'array':
      if (schema.items !== undefined) return { ...field, kind: 'list', item: fieldOfSchema('', schema.items, true) }
      break
    case 'object':
      if (schema.properties !== undefined) return { ...field, kind: 'group', fields: fieldsOfSchema(schema) }
  }
  return { ...field, kind: 'json' }
}

/** The one type beside null, or undefined where there are several. */
function typeOf({ type, anyOf }: JsonSchema): [string | undefined, boolean] {
  const types = typeof type === 'string' ? [type] : (type ?? [])
  const others = types.filter((one) => one !== 'null')
  return [anyOf === undefined && others.length === 1 ? others[0] : undefined, types.includes('null')]
}

const said = (value: Value) => {
  if (value === null) return words.form.none
  return typeof value === 'boolean' ? words.form[value ? 'yes' : 'no'] : String(value)
}

function choice(field: Field, values: readonly Value[]): Field {
  const options = values.map((value) => ({ value: JSON.stringify(value), label: said(value) }))
  const open = field.initial === undefined ? [{ value: '', label: words.form.choose }] : []
  return { ...field, kind: 'choice', coded: true, options: [...open, ...options] }
}

function helpOf({ description, minimum: low, maximum: high, exclusiveMinimum: above }: JsonSchema): string | undefined {
  const { span, atLeast, atMost, moreThan } = words.form
  const limits = [
    low !== undefined && high !== undefined ? span(low, high) : undefined,
    low !== undefined && high === undefined ? atLeast(low) : undefined,
    low === undefined && high !== undefined ? atMost(high) : undefined,
    above === undefined ? undefined : moreThan(above),
  ]
  const text = [description?.replace(/\.$/, ''), ...limits].filter((part) => part !== undefined).join('; ')
  return text === '' ? undefined : `${text}.`
}

const hides = ({ writeOnly, properties, items }: JsonSchema): boolean =>
  writeOnly === true || Object.values(properties ?? {}).some(hides) || (items !== undefined && hides(items))

/** The settings that are only written: what is secret, or contains what is. */
export function secretNames(schema: JsonSchema | null): Set<string> {
  return new Set(Object.entries(schema?.properties ?? {}).flatMap(([name, one]) => (hides(one) ? [name] : [])))
}

/** Nobody can see it again, so it begins empty, and empty says: as it is. */
function asSecret(field: Field): Field {
  const kind = field.kind === 'text' || field.kind === 'number' ? 'password' : 'json'
  return { ...field, kind, coded: false, initial: undefined, empty: 'omitted' }
}

/** Marks the secrets that are stored, which then need not be given. */
export function withStored(settings: Field, names: readonly string[]): Field {
  const fields = settings.fields?.map((field) => (names.includes(field.name) ? { ...field, stored: true, required: false } : field))
  return { ...settings, fields }
}

/** What is entered, apart: what may be read, and what is only written. */
export function splitSettings(schema: JsonSchema | null, values: Record<string, Value>) {
  const secret = secretNames(schema)
  const part = (of: boolean) => Object.fromEntries(Object.entries(values).filter(([name]) => secret.has(name) === of))
  return { config: part(false), secrets: part(true) }
}
