import { describe, expect, it } from 'vitest'
import type { RuleInFull } from '@/api/rules'
import { draftOf, newDraft, ruleOf, type Draft } from './draft'

const draft = (part: Partial<Draft> = {}): Draft => ({ ...newDraft(7), name: 'Hot', threshold: 50, ...part })
const EMPTY = { webhook_type: null, event_id: null, value: null }

describe('what is saved', () => {
  it.each<[Partial<Draft>, object]>([
    [{}, { operator: 'gt', threshold: 50, threshold_high: null, window_seconds: null, timeout_seconds: null }],
    [{ operator: 'between', threshold_high: 60 }, { threshold: 50, threshold_high: 60 }],
    [{ operator: 'gt', threshold_high: 60 }, { threshold_high: null }],
    [{ kind: 'rate', window_seconds: '30' }, { window_seconds: 30, timeout_seconds: null }],
    [{ kind: 'no_data', deadband: 5 }, { operator: null, threshold: null, deadband: 0, window_seconds: null, timeout_seconds: 60 }],
    [{ threshold: '', deadband: '' }, { threshold: null, deadband: null }],
    [{ message: '', suppressed_by: 'cleaning' }, { message: null, suppressed_by: 'cleaning' }],
    [{ event_id: '' }, { event_id: null }],
  ])('%o', (part, columns) => expect(ruleOf(draft(part))).toMatchObject(columns))

  it('has the actions that are ticked, and what is set', () => {
    const { actions } = ruleOf(draft({ log: true, webhook: true, set_points: [{ event_id: '9', value: '100' }] }))
    expect(actions).toEqual([
      { ...EMPTY, kind: 'log' },
      { ...EMPTY, kind: 'alarm' },
      { ...EMPTY, kind: 'webhook', webhook_type: 'sensor.threshold_exceeded' },
      { ...EMPTY, kind: 'set_value', event_id: 9, value: 100 },
    ])
  })
})

it('a saved rule goes through the form unchanged', () => {
  const saved = {
    ...ruleOf(draft({ kind: 'rate', operator: 'not_between', threshold: -1, threshold_high: 1, latched: true, set_points: [{ event_id: '3', value: 0 }] })),
    rule_actions: ruleOf(draft({ alarm: false, webhook_reading: true, set_points: [{ event_id: '3', value: 0 }] })).actions,
  }
  const { actions, ...columns } = ruleOf(draftOf(saved as unknown as RuleInFull))
  expect({ ...columns, rule_actions: actions }).toEqual({ ...saved, actions: undefined })
})
