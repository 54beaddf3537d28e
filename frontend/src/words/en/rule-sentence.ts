import { duration } from '@/format/age'
import { formatExact } from '@/format/number'

/** An event as a sentence names it. */
interface Named {
  name: string
  unit: string | null
}

/** A rule as far as it is told; while it is being written anything may be missing. */
export interface ToldRule {
  kind: string
  operator: string | null
  threshold: number | null
  threshold_high: number | null
  deadband: number | null
  window_seconds: number | null
  timeout_seconds: number | null
  on_delay_seconds: number | null
  off_delay_seconds: number | null
  cooldown_seconds: number | null
  severity: string
  latched: boolean
  suppressed_by: string | null
  enabled: boolean
  event: Named | null
  actions: { kind: string; webhook_type: string | null; value: number | null; event: Named | null }[]
}

const GAP = '…'
const NO_EVENT = 'an event that is still to be chosen'

/** No line ends between a number and its unit. */
const unbroken = (text: string) => text.replaceAll(' ', '\u00a0')
const timeOf = (seconds: number | null) => (seconds === null ? GAP : unbroken(duration(seconds)))
const quantity = (value: number | null, unit: string) => (value === null ? GAP : unbroken(`${formatExact(value)}${unit && ` ${unit}`}`))

/** "a", "a and b", "a, b and c". */
function listed(parts: string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

const unitOf = ({ kind, event }: ToldRule) => (event?.unit ? event.unit + (kind === 'rate' ? '/s' : '') : '')

/** A limit that is further out, or in, by the deadband. */
function moved(rule: ToldRule, limit: number | null, by: 1 | -1): string {
  const moved = limit === null ? null : Number((limit + by * (rule.deadband ?? 0)).toPrecision(12))
  return quantity(moved, unitOf(rule))
}

/** Where the condition begins to hold, and where it ends, which the deadband puts further away. */
const CONDITIONS: Record<string, { begins(rule: ToldRule): string; ends(rule: ToldRule): string }> = {
  gt: { begins: (rule) => `is above ${limit(rule)}`, ends: (rule) => `is ${moved(rule, rule.threshold, -1)} or less` },
  gte: { begins: (rule) => `is ${limit(rule)} or more`, ends: (rule) => `is below ${moved(rule, rule.threshold, -1)}` },
  lt: { begins: (rule) => `is below ${limit(rule)}`, ends: (rule) => `is ${moved(rule, rule.threshold, 1)} or more` },
  lte: { begins: (rule) => `is ${limit(rule)} or less`, ends: (rule) => `is above ${moved(rule, rule.threshold, 1)}` },
  eq: {
    begins: (rule) => `is ${limit(rule)}`,
    ends: (rule) => (rule.deadband ? `is more than ${quantity(rule.deadband, unitOf(rule))} away from ${limit(rule)}` : `is not ${limit(rule)} any more`),
  },
  between: {
    begins: (rule) => `is from ${limit(rule)} to ${high(rule)}`,
    ends: (rule) => `is below ${moved(rule, rule.threshold, -1)} or above ${moved(rule, rule.threshold_high, 1)}`,
  },
  not_between: {
    begins: (rule) => `is below ${limit(rule)} or above ${high(rule)}`,
    ends: (rule) => `is from ${moved(rule, rule.threshold, 1)} to ${moved(rule, rule.threshold_high, -1)}`,
  },
}
const limit = (rule: ToldRule) => quantity(rule.threshold, unitOf(rule))
const high = (rule: ToldRule) => quantity(rule.threshold_high, unitOf(rule))

const WHAT: Record<string, string> = {
  'sensor.threshold_exceeded': 'tell the webhooks',
  'sensor.reading': 'send the value to the webhooks for readings',
}

function deedOf({ kind, webhook_type: type, value, event }: ToldRule['actions'][number], { severity, latched }: ToldRule): string {
  if (kind === 'log') return 'write a log entry'
  if (kind === 'webhook') return WHAT[type ?? ''] ?? `send ${type ?? GAP} to the webhooks`
  if (kind === 'set_value') return `set ${event?.name ?? 'an output that is still to be chosen'} to ${quantity(value, event?.unit ?? '')}`
  return `raise an alarm of ${severity} severity${latched ? ' that somebody has to reset' : ''}`
}

function beginOf(rule: ToldRule): string {
  const name = rule.event?.name ?? NO_EVENT
  if (rule.kind === 'no_data') return `When nothing comes from ${name} for ${timeOf(rule.timeout_seconds)}`
  const condition = CONDITIONS[rule.operator ?? '']?.begins(rule) ?? GAP
  const subject = rule.kind === 'rate' ? `the change of ${name}, taken over ${timeOf(rule.window_seconds)},` : name
  return `When ${subject} ${condition}`
}

function endOf(rule: ToldRule): string {
  const after = rule.off_delay_seconds ? ` for longer than ${timeOf(rule.off_delay_seconds)}` : ''
  if (rule.kind === 'no_data') return `It is over when values come again${after}.`
  const subject = rule.kind === 'rate' ? 'the change' : 'the value'
  return `It is over when ${subject} ${CONDITIONS[rule.operator ?? '']?.ends(rule) ?? GAP}${after}.`
}

/** When it does what. */
export function ruleInBrief(rule: ToldRule): string {
  const delay = rule.on_delay_seconds ? ` and stays so for longer than ${timeOf(rule.on_delay_seconds)}` : ''
  const deeds = rule.actions.length === 0 ? 'do nothing yet' : listed(rule.actions.map((action) => deedOf(action, rule)))
  return `${beginOf(rule)}${delay}: ${deeds}.`
}

/** A rule in plain words, as it works. */
export function ruleSentence(rule: ToldRule): string {
  const raises = rule.actions.some(({ kind }) => kind === 'alarm')
  return [
    ruleInBrief(rule),
    endOf(rule),
    rule.cooldown_seconds ? `It acts at most once in ${timeOf(rule.cooldown_seconds)}.` : '',
    raises && rule.suppressed_by ? `While an experiment of the kind “${rule.suppressed_by}” runs, nobody is told of the alarm.` : '',
    rule.enabled ? '' : 'It is switched off.',
  ]
    .filter(Boolean)
    .join(' ')
}
