/** Instants are seconds since 1970 with microseconds, the database's resolution, so that equal stamps compare equal. */
export type Seconds = number

const FRACTION = /\.(\d+)/

/** Reads an ISO 8601 stamp; NaN for anything else. Date.parse alone would drop the microseconds. */
export function parseTime(iso: string): Seconds {
  const fraction = FRACTION.exec(iso)?.[1]
  const whole = Date.parse(iso.replace(FRACTION, '')) / 1000
  return fraction ? whole + Number(`0.${fraction}`) : whole
}

export function isoTime(t: Seconds): string {
  return new Date(t * 1000).toISOString()
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 1,
  hourCycle: 'h23',
})
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

export function clockTime(t: Seconds): string {
  return clock.format(t * 1000)
}

export function dayOf(t: Seconds): string {
  return day.format(t * 1000)
}

/** The viewer's time zone as people write it, for example "CET" or "GMT+2". */
export function zoneName(t: Seconds): string {
  const parts = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' }).formatToParts(t * 1000)
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? ''
}

const two = (n: number) => String(n).padStart(2, '0')

/** The minute, in the viewer's time zone, as a field of type datetime-local takes it. */
export function toField(t: Seconds): string {
  const at = new Date(t * 1000)
  const day = `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** What a field of type datetime-local holds; NaN for nothing. */
export function fromField(text: string): Seconds {
  return new Date(text).getTime() / 1000
}
