import { expect, it } from 'vitest'
import { endsOf, fieldsOf, isSpan, spanOf } from './time-span'

it.each([
  ['2026-01-01T00:00:00.000Z..2026-02-01T00:00:00.000Z', true],
  ['2026-01-01T00:00:00Z..', true],
  ['..2026-01-01T00:00:00.000Z', true],
  ['..', false],
  ['', false],
  ['yesterday..', false],
  ['2026-01-01T00:00:00Z', false],
])('%s is a span: %s', (text, is) => expect(isSpan(text)).toBe(is))

it('has two ends, as it had fields', () => {
  const span = spanOf('2026-03-01T10:30', '')
  expect(endsOf(span)[1]).toBe('')
  expect(fieldsOf(span)).toEqual(['2026-03-01T10:30', ''])
  expect(spanOf('', '')).toBe('')
})
