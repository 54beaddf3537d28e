/** What decides how many digits of a value make sense. */
export interface Scale {
  min_value: number | null
  max_value: number | null
  event_type: string
}

const THIN_SPACE = '\u202f'
const MINUS = '\u2212'
const STEPS_IN_RANGE = 1000
const MAX_DECIMALS = 6

const clampDecimals = (decimals: number) => Math.min(MAX_DECIMALS, Math.max(0, decimals))

/** Digits that show the value itself: two that count, more where nothing else is known. */
const decimalsOfValue = (value: number, digits: number) => (value === 0 ? 0 : digits - 1 - Math.floor(Math.log10(Math.abs(value))))

/**
 * Decimals for one event: about a thousandth of its range, the same for all its values so that digits do not jump.
 * Where the range is wide (kB/s, hours) a small value still shows two digits.
 */
export function decimalsFor(value: number, { event_type: type, min_value: min, max_value: max }: Scale): number {
  if (type.startsWith('cmd_')) return 0
  if (min === null || max === null || max <= min) return clampDecimals(decimalsOfValue(value, 4))
  const ofRange = Math.ceil(-Math.log10((max - min) / STEPS_IN_RANGE))
  return ofRange < 0 ? Math.min(2, clampDecimals(decimalsOfValue(value, 2))) : clampDecimals(ofRange)
}

/** The value for people: sensible digits, thousands set apart, a true minus sign. */
export function formatValue(value: number, scale: Scale): string {
  const size = Math.abs(value)
  if (size >= 1e12 || (size > 0 && size < 1e-5)) return value.toExponential(3).replaceAll('-', MINUS)
  return grouped(value.toFixed(decimalsFor(value, scale)))
}

/** A limit of a range, as short as it can be said. */
export function formatLimit(value: number): string {
  const size = Math.abs(value)
  if (size >= 1e9 || (size > 0 && size < 1e-3)) return value.toExponential(1).replaceAll('-', MINUS)
  return grouped(String(Number.isInteger(value) ? value : Number(value.toPrecision(4))))
}

/** The marks of an axis, `step` apart: all with as many decimals as that has, so that each says where it stands. */
export function formatMarks(marks: readonly number[], step: number): string[] {
  const largest = Math.max(...marks.map(Math.abs))
  const decimals = Math.ceil(-Math.log10(step) - 1e-9)
  if (largest < 1e9 && decimals <= MAX_DECIMALS) return marks.map((mark) => grouped(mark.toFixed(Math.max(0, decimals))))
  const digits = Math.min(15, Math.max(1, Math.floor(Math.log10(largest)) + decimals))
  return marks.map((mark) => (mark === 0 ? '0' : mark.toExponential(digits).replaceAll('-', MINUS)))
}

/** A number that somebody has set, with all its digits. */
export function formatExact(value: number): string {
  return grouped(String(value))
}

export function formatCount(count: number): string {
  return grouped(String(count))
}

function grouped(plain: string): string {
  const [whole = '', fraction] = plain.replace(/^-(?=[0.]+$)/, '').split('.')
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE).replace('-', MINUS)
  return fraction === undefined ? apart : `${apart}.${fraction}`
}
