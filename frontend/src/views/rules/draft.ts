import type { RuleAction, RuleInFull, RuleToSave } from '@/api/rules'
import type { ToldRule } from '@/words/en/rule-sentence'
import type { ChartEvent } from '@/chart/line'

/** An output that is set; numbers are as the fields hold them, where nothing entered is ''. */
export interface SetPoint {
  event_id: string
  value: string | number | null
}

/** A rule as the form holds it: every field is there, whether its kind needs it or not. */
export interface Draft {
  [field: string]: unknown
  name: string
  event_id: string
  kind: string
  operator: string
  severity: string
  latched: boolean
  suppressed_by: string | null
  message: string | null
  enabled: boolean
  log: boolean
  alarm: boolean
  webhook: boolean
  webhook_reading: boolean
  set_points: SetPoint[]
}

const WEBHOOK = 'sensor.threshold_exceeded'
const READING = 'sensor.reading'

export const newDraft = (event: number | null = null): Draft => ({
  name: '',
  event_id: event === null ? '' : String(event),
  kind: 'threshold',
  operator: 'gt',
  threshold: '',
  threshold_high: '',
  deadband: 0,
  window_seconds: 60,
  timeout_seconds: 60,
  on_delay_seconds: 0,
  off_delay_seconds: 0,
  cooldown_seconds: 60,
  severity: 'medium',
  latched: false,
  suppressed_by: '',
  message: '',
  enabled: true,
  log: false,
  alarm: true,
  webhook: false,
  webhook_reading: false,
  set_points: [],
})

export function draftOf(rule: RuleInFull): Draft {
  const { rule_actions: actions } = rule
  const has = (kind: string, type: string | null = null) => actions.some((action) => action.kind === kind && action.webhook_type === type)
  const columns = Object.keys(newDraft()).flatMap((name) => {
    const value = rule[name as keyof RuleInFull]
    return value === null || value === undefined ? [] : [[name, value]]
  })
  return {
    ...newDraft(),
    ...(Object.fromEntries(columns) as Partial<Draft>),
    event_id: String(rule.event_id),
    log: has('log'),
    alarm: has('alarm'),
    webhook: has('webhook', WEBHOOK),
    webhook_reading: has('webhook', READING),
    set_points: actions.filter(({ kind }) => kind === 'set_value').map(({ event_id: id, value }) => ({ event_id: String(id ?? ''), value })),
  }
}

export const isRange = (operator: string) => operator === 'between' || operator === 'not_between'

/** Which of the fields a condition of this kind has. */
export function conditionFields({ kind, operator }: Pick<Draft, 'kind' | 'operator'>): readonly string[] {
  if (kind === 'no_data') return ['timeout_seconds']
  const limits = isRange(operator) ? ['threshold', 'threshold_high'] : ['threshold']
  return ['operator', ...limits, 'deadband', ...(kind === 'rate' ? ['window_seconds'] : [])]
}

const OF_CONDITIONS = ['operator', 'threshold', 'threshold_high', 'window_seconds', 'timeout_seconds']
const NUMBERS = ['threshold', 'threshold_high', 'deadband', 'window_seconds', 'timeout_seconds', 'on_delay_seconds', 'off_delay_seconds', 'cooldown_seconds']

const numberOf = (entered: unknown) => (entered === '' || entered === null || entered === undefined ? null : Number(entered))
const textOf = (entered: unknown) => (entered === '' || entered === null ? null : String(entered))

const action = (kind: RuleAction['kind'], part: Partial<RuleAction> = {}): RuleAction => ({
  kind,
  webhook_type: null,
  event_id: null,
  value: null,
  ...part,
})

export function actionsOf(draft: Draft): RuleAction[] {
  return [
    ...(draft.log ? [action('log')] : []),
    ...(draft.alarm ? [action('alarm')] : []),
    ...(draft.webhook ? [action('webhook', { webhook_type: WEBHOOK })] : []),
    ...(draft.webhook_reading ? [action('webhook', { webhook_type: READING })] : []),
    ...draft.set_points.map(({ event_id: id, value }) => action('set_value', { event_id: numberOf(id), value: numberOf(value) })),
  ]
}

/** What goes to the server: columns that this kind of condition has not are null. */
export function ruleOf(draft: Draft): RuleToSave {
  const had = new Set(conditionFields(draft))
  const numbers = NUMBERS.map((name) => [name, OF_CONDITIONS.includes(name) && !had.has(name) ? null : numberOf(draft[name])])
  return {
    ...Object.fromEntries(numbers),
    ...(draft.kind === 'no_data' ? { deadband: 0 } : {}),
    name: draft.name,
    event_id: numberOf(draft.event_id),
    kind: draft.kind,
    operator: had.has('operator') ? draft.operator : null,
    severity: draft.severity,
    latched: draft.latched,
    suppressed_by: textOf(draft.suppressed_by),
    message: textOf(draft.message),
    enabled: draft.enabled,
    actions: actionsOf(draft),
  }
}

/** The same, to be told. */
export function toldOf(rule: RuleToSave, eventOf: (id: number | null) => Pick<ChartEvent, 'name' | 'unit'> | null): ToldRule {
  return {
    ...(rule as unknown as ToldRule),
    event: eventOf(rule.event_id ?? null),
    actions: rule.actions.map((each) => ({ ...each, event: eventOf(each.event_id) })),
  }
}

/** A saved one, to be told. */
export const toldOfSaved = (rule: RuleInFull): ToldRule => ({
  ...rule,
  event: rule.events,
  actions: rule.rule_actions.map((each) => ({ ...each, event: each.events })),
})
