import type { ChartEvent } from '@/chart/line'
import { rest, rowsOf, type Known, type RowOf } from './rest'
import type { Database } from './schema'

type Always =
  | 'public_id'
  | 'name'
  | 'event_id'
  | 'kind'
  | 'deadband'
  | 'on_delay_seconds'
  | 'off_delay_seconds'
  | 'cooldown_seconds'
  | 'severity'
  | 'latched'
  | 'enabled'
  | 'version'
  | 'created_at'

export type Rule = Known<RowOf<'rules'>, Always>
export type RuleState = Known<RowOf<'rule_states'>, 'signal' | 'active' | 'reset_at'>

export interface RuleAction {
  kind: 'log' | 'alarm' | 'webhook' | 'set_value'
  webhook_type: string | null
  event_id: number | null
  value: number | null
}

type ActedOn = { name: string; unit: string | null }

/** With the event that it watches, how far it has come and what it does. */
export interface RuleInFull extends Rule {
  events: (ChartEvent & { archived_at: string | null }) | null
  rule_states: RuleState | null
  rule_actions: (RuleAction & { events: ActedOn | null })[]
}

export const IN_FULL =
  '*,events(id,public_id,name,unit,event_type,min_value,max_value,archived_at),rule_states(*),rule_actions(*,events(name,unit))'

/** What is saved or tried: columns of rules, and actions; without id a new one, else with the version as it was read. */
export type RuleToSave = Database['api']['Views']['rules']['Update'] & { actions: RuleAction[] }

export interface Firing {
  fired_at: string
  value: number | null
  /** null: not within the range. */
  cleared_at: string | null
  message: string
}

export interface Trial {
  points: number
  fired: number
  /** The first of them. */
  firings: Firing[]
}

/** One rule, or null where there is none. */
export async function findRule(publicId: string): Promise<RuleInFull | null> {
  const answer = (await rest()).from('rules').select(IN_FULL).eq('public_id', publicId)
  return rowsOf<RuleInFull[]>((await answer) as never)[0] ?? null
}

export async function saveRule(rule: RuleToSave): Promise<Rule> {
  return rowsOf<Rule>(await (await rest()).rpc('save_rule', { rule } as never))
}

/** Its version then. */
export async function enableRule(id: number, enabled: boolean): Promise<number> {
  const changed = (await rest()).from('rules').update({ enabled }).eq('id', id).select('version')
  return rowsOf<{ version: number }[]>((await changed) as never)[0]?.version ?? 0
}

export async function deleteRule(id: number) {
  rowsOf(await (await rest()).from('rules').delete().eq('id', id))
}

/** What it would have done, without doing it, whatever it is called and whether it is switched on. */
export async function tryRule(rule: RuleToSave, from: string, to: string): Promise<Trial> {
  return rowsOf<Trial>(await (await rest()).rpc('test_rule', { rule, from, to } as never))
}
