import { expect, it } from 'vitest'
import { problemOf, sentenceOf } from '@/api/problem'
import { fieldOf, inWordsOf, toSend, type Field } from './field'

const FIELDS: Field[] = [
  { name: 'min_value', label: 'Minimum' },
  { name: 'max_value', label: 'Maximum' },
  { name: 'username', label: 'User name' },
]
const refused = (message: string) => problemOf(400, { message, code: '23514', details: null, hint: null })

it.each([
  ['new row for relation "events" violates check constraint "min_value must be less than max_value"', 'min_value'],
  ['duplicate key value violates unique constraint "username is taken"', 'username'],
  ['null value in column "username" of relation "users" violates not-null constraint', 'username'],
  ['The username must be 2 to 50 letters, digits, dots, - or _.', 'username'],
  ['At least one active administrator must remain.', undefined],
  ['usernames are not taken', undefined],
])('%s is about %s', (message, name) => expect(fieldOf(refused(message), FIELDS)?.name).toBe(name))

it('says only the sentence, with the names that the form uses', () => {
  const { message } = refused('new row for relation "events" violates check constraint "min_value must be less than max_value"')
  expect(inWordsOf(FIELDS, message)).toBe('Minimum must be less than Maximum')
})

it('keeps what is no sentence whole', () => {
  const message = 'update or delete on table "users" violates foreign key constraint "notes_user_id_fkey" on table "notes"'
  expect(sentenceOf(message)).toBe(message)
})

it.each([
  ['', { kind: 'text' }, null],
  ['', { kind: 'text', required: true }, ''],
  ['', { kind: 'number', required: true }, null],
  ['5', { kind: 'number' }, 5],
  [undefined, { kind: 'check' }, false],
  ['x', {}, 'x'],
])('%o of %o is sent as %o', (entered, field, sent) =>
  expect(toSend(entered, { name: 'a', label: 'A', ...(field as Partial<Field>) })).toBe(sent),
)
