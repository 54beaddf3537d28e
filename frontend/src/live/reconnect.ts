const FIRST_MS = 1000
const LONGEST_MS = 30_000
export const ATTEMPTS_BEFORE_POLLING = 2

/**
 * How long to wait before attempt number `attempt` (from 1), in milliseconds: doubling up to half a minute,
 * shortened at random by up to a half so that all pages do not return in the same instant.
 */
export function reconnectDelay(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1))
  return full * (1 - random / 2)
}
