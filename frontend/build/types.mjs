// Writes src/api/schema.ts from the OpenAPI document of a running PostgREST, as an administrator sees it:
//   WEBMACS_API=http://127.0.0.1:3000 WEBMACS_TOKEN=… npm run types
// With `-` it reads the document from its input and prints the types, which is how the tests compare them.
import { readFileSync, writeFileSync } from 'node:fs'

const FILE = new URL('../src/api/schema.ts', import.meta.url)
const HEAD = '// Made by `npm run types` from the OpenAPI document of PostgREST; not edited by hand.\n\n'
const PLAIN = { string: 'string', integer: 'number', number: 'number', boolean: 'boolean' }

function typeOf({ type, enum: words, items }) {
  if (words) return words.map((word) => `'${word}'`).join(' | ')
  if (type === 'array') return `${PLAIN[items?.type] ?? 'string'}[]`
  return PLAIN[type] ?? 'Json'
}

const isKey = ({ description = '' }) => description.includes('<pk/>')
const byName = (object) => Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))

/** The document does not say which columns of a view are never null, but for keys. */
function rowOf({ properties }) {
  const columns = Object.entries(properties).map(([name, column]) => `${name}: ${typeOf(column)}${isKey(column) ? '' : ' | null'}`)
  return columns.map((line) => `          ${line}\n`).join('')
}

function relationships({ properties }) {
  return Object.entries(properties).flatMap(([column, { description = '' }]) => {
    const [, view, target] = /<fk table='(\w+)' column='(\w+)'\/>/.exec(description) ?? []
    return view === undefined ? [] : [`          Link<'${column}', '${view}', '${target}'>,\n`]
  })
}

function viewOf([name, definition]) {
  const links = relationships(definition).join('')
  return `      ${name}: View<\n        {\n${rowOf(definition)}        },\n        [${links === '' ? '' : `\n${links}        `}]\n      >\n`
}

function functionOf([path, { post }]) {
  const { properties = {}, required = [] } = post.parameters.find((parameter) => parameter.in === 'body').schema
  const mark = (name) => (required.includes(name) ? '' : '?')
  // a body that is no JSON, such as a file, is an argument without a name
  const named = byName(properties).filter(([name]) => name !== '')
  const lines = named.map(([name, value]) => `        ${name}${mark(name)}: ${typeOf(value)}\n`)
  const args = lines.length === 0 ? 'Record<PropertyKey, never>' : `{\n${lines.join('')}      }`
  return `      ${path.slice('/rpc/'.length)}: Function<${args}>\n`
}

const KINDS = `export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined }

interface Link<Column, Target, Key> {
  foreignKeyName: string
  columns: [Column]
  isOneToOne: false
  referencedRelation: Target
  referencedColumns: [Key]
}

interface View<Row, Links> {
  Row: Row
  Insert: Partial<Row>
  Update: Partial<Row>
  Relationships: Links
}

/** What functions answer with is not in the document. */
interface Function<Args> {
  Args: Args
  Returns: any
}

`

export function typesOf({ definitions, paths }) {
  const views = byName(definitions).map(viewOf).join('')
  const functions = byName(paths).filter(([path]) => path.startsWith('/rpc/')).map(functionOf).join('')
  const schema = `  api: {\n    Tables: Record<never, never>\n    Views: {\n${views}    }\n    Functions: {\n${functions}    }\n  }\n`
  return `${HEAD}${KINDS}export interface Database {\n${schema}}\n`
}

async function ask() {
  const headers = { Authorization: `Bearer ${process.env.WEBMACS_TOKEN}` }
  const answer = await fetch(process.env.WEBMACS_API ?? 'http://127.0.0.1:3000', { headers })
  if (!answer.ok) throw new Error(await answer.text())
  return answer.json()
}

if (process.argv[2] === '-') process.stdout.write(typesOf(JSON.parse(readFileSync(0, 'utf8'))))
else writeFileSync(FILE, typesOf(await ask()))
