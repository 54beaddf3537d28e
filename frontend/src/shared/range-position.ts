export type Place = 'inside' | 'below' | 'above'

/** Where a value stands between min and max, as a share from 0 to 1 that never leaves the bar. */
export function placeInRange(value: number, min: number, max: number): { share: number; place: Place } {
  const share = (value - min) / (max - min)
  if (share < 0) return { share: 0, place: 'below' }
  return share > 1 ? { share: 1, place: 'above' } : { share, place: 'inside' }
}
