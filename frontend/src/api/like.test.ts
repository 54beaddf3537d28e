import { expect, it } from 'vitest'
import { inAny, likeOf } from './like'

it.each([
  ['tank', '%tank%'],
  ['50 %', '%50 \\%%'],
  ['a_b', '%a\\_b%'],
  ['a\\b', '%a\\\\b%'],
  ['*', '%_%'],
])('%s is looked for as %s', (text, pattern) => expect(likeOf(text)).toBe(pattern))

it('what would end the argument stands in quotes', () =>
  expect(inAny(['name', 'area'], 'a",b%')).toBe('name.ilike."%a\\",b\\\\%%",area.ilike."%a\\",b\\\\%%"'))
