import { fromField, isoTime, parseTime, toField } from '@/format/time'

/** A range of time as a filter has it in the address: `from..to`, each an instant or nothing. */
const SPAN = /^([^.]*(?:\.\d+Z)?)\.\.(.*)$/

export function endsOf(span: string): [string, string] {
  const [, from = '', to = ''] = SPAN.exec(span) ?? []
  return [from, to]
}

export function isSpan(span: string): boolean {
  const ends = endsOf(span).filter((end) => end !== '')
  return ends.length > 0 && ends.every((end) => !Number.isNaN(parseTime(end)))
}

/** As two fields of type datetime-local hold it, and back. */
export const fieldsOf = (span: string) => endsOf(span).map((end) => (end === '' ? '' : toField(parseTime(end))))

export function spanOf(from: string, to: string): string {
  const [begin, end] = [from, to].map((text) => (text === '' ? '' : isoTime(fromField(text))))
  return begin === '' && end === '' ? '' : `${begin}..${end}`
}
