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
