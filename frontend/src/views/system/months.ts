import type { Stored } from '@/api/system'

export const UNITS = ['raw', 'minute', 'hour', 'day', 'file'] as const

/** What one month takes, by unit and altogether. */
export interface Month {
  month: string
  bytes: Record<string, number>
  sum: number
}

/** By month, the newest first. */
export function byMonth(stored: readonly Stored[]): Month[] {
  const months = new Map<string, Month>()
  for (const { month, unit, bytes } of stored) {
    const known = months.get(month) ?? { month, bytes: {}, sum: 0 }
    known.bytes[unit] = (known.bytes[unit] ?? 0) + bytes
    known.sum += bytes
    months.set(month, known)
  }
  return [...months.values()].sort((a, b) => b.month.localeCompare(a.month))
}
