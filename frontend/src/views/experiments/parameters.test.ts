import { expect, it } from 'vitest'
import { entriesOf, parametersOf } from './parameters'

const PARAMETERS = { speed: 5, batch: 'A-7', number: '5', quoted: '"x"', empty: '', on: true, none: null, steps: [1, 2], word: 'true' }

it('comes back as it was', () => expect(parametersOf(entriesOf(PARAMETERS))).toEqual(PARAMETERS))

it('shows plain texts and numbers plainly, and what could be mistaken in quotes', () =>
  expect(entriesOf(PARAMETERS)).toMatchObject([
    { name: 'speed', value: '5' },
    { name: 'batch', value: 'A-7' },
    { name: 'number', value: '"5"' },
    {},
    { name: 'empty', value: '' },
    { name: 'on', value: 'true' },
    {},
    { name: 'steps', value: '[1,2]' },
    { name: 'word', value: '"true"' },
  ]))

it('has each name once', () => {
  const twice = [{ name: 'a', value: '1' }, { name: 'a', value: '2' }]
  expect(() => parametersOf(twice)).toThrow('parameters has “a” twice.')
})
