import { Problem } from '@/api/problem'
import type { Field, Value, Values } from '@/shared/form/field'
import { words } from '@/words'

/** What an experiment keeps as an object stands in its form as names and values. */
export const PARAMETERS: Field = {
  name: 'parameters',
  label: words.experiments.parameters,
  help: words.experiments.parametersHelp,
  kind: 'list',
  item: {
    name: '',
    label: '',
    kind: 'group',
    fields: [
      { name: 'name', label: words.experiments.parameterName, required: true },
      { name: 'value', label: words.experiments.parameterValue, empty: 'text' },
    ],
  },
}

type Parameters = Record<string, Value>

function read(text: string): Value {
  try {
    return JSON.parse(text) as Value
  } catch {
    return text
  }
}
/** A text stands as it is, unless it would be read as something else: "5" is not 5. */
const written = (value: Value) => (typeof value === 'string' && typeof read(value) === 'string' && read(value) === value ? value : JSON.stringify(value))

export const entriesOf = (parameters: unknown): Value[] =>
  Object.entries((parameters ?? {}) as Parameters).map(([name, value]) => ({ name, value: written(value) }))

/** The object again: what looks like a number, true, false or other JSON is that. */
export function parametersOf(entries: Value): Parameters {
  const found: Parameters = {}
  for (const { name, value } of (entries ?? []) as { name: string; value: string }[]) {
    if (Object.hasOwn(found, name)) throw new Problem(words.experiments.sameParameter(name), 0)
    found[name] = read(value)
  }
  return found
}

/** The values of the form as the API takes them. */
export const withParameters = (values: Values): Values => ({ ...values, parameters: parametersOf(values.parameters ?? []) })
