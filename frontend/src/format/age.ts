import { words } from '@/words'

const STEPS = [
  { unit: 's', seconds: 1, until: 120 },
  { unit: 'min', seconds: 60, until: 7200 },
  { unit: 'h', seconds: 3600, until: 172_800 },
  { unit: 'd', seconds: 86_400, until: Infinity },
]

/** "12 s", "5 min", "3 h", "9 d". */
export function span(seconds: number): string {
  const step = STEPS.find(({ until }) => seconds < until)!
  return `${Math.floor(seconds / step.seconds)} ${step.unit}`
}

/** How long ago, in words. A clock that is a little ahead counts as now. */
export function age(seconds: number): string {
  return seconds < 1.5 ? words.age.now : words.age.ago(span(seconds))
}

const PARTS = [
  { unit: 'd', seconds: 86_400 },
  { unit: 'h', seconds: 3600 },
  { unit: 'min', seconds: 60 },
]

/** A length of time as it was set, with nothing rounded away: "1 h 30 min", "90 s", "0.5 s". */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Number(seconds.toPrecision(12))} s`
  let rest = seconds
  const said: string[] = []
  for (const { unit, seconds: size } of PARTS) {
    const count = Math.floor(rest / size)
    if (count > 0) said.push(`${count} ${unit}`)
    rest -= count * size
  }
  rest = Number(rest.toFixed(3))
  return rest > 0 ? [...said, `${rest} s`].join(' ') : said.join(' ')
}
