/** An option that is a number; anything else, as after an import, is none. */
export const numberOf = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
