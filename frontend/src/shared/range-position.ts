export type Place = 'inside' | 'below' | 'above'

interface Limits {
  min_value: number | null
  max_value: number | null
}

/** On which side of its range a value lies; inside where there is no range. */
export function placeOf(value: number | null, { min_value: min, max_value: max }: Limits): Place {
  if (value !== null && min !== null && value < min) return 'below'
  return value !== null && max !== null && value > max ? 'above' : 'inside'
}

/** Where a value stands between min and max, as a share from 0 to 1 that never leaves the bar. */
export function shareOfRange(value: number, min: number, max: number): number {
  return Math.min(1, Math.max(0, (value - min) / (max - min)))
}
