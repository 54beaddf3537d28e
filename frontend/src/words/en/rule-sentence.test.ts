import { describe, expect, it } from 'vitest'
import { ruleSentence, type ToldRule } from './rule-sentence'

const usual: ToldRule = {
  kind: 'threshold',
  operator: 'gt',
  threshold: 50,
  threshold_high: null,
  deadband: 0,
  window_seconds: null,
  timeout_seconds: null,
  on_delay_seconds: 0,
  off_delay_seconds: 0,
  cooldown_seconds: 0,
  severity: 'medium',
  latched: false,
  suppressed_by: null,
  enabled: true,
  event: { name: 'Bed', unit: '°C' },
  actions: [{ kind: 'log', webhook_type: null, value: null, event: null }],
}
const say = (part: Partial<ToldRule>) => ruleSentence({ ...usual, ...part }).replaceAll('\u00a0', ' ')
const range = { threshold: 10, threshold_high: 20 }

describe('a condition', () => {
  it.each<[Partial<ToldRule>, string, string]>([
    [{ operator: 'gt' }, 'Bed is above 50 °C', 'the value is 50 °C or less'],
    [{ operator: 'gt', deadband: 5 }, 'Bed is above 50 °C', 'the value is 45 °C or less'],
    [{ operator: 'gte', deadband: 5 }, 'Bed is 50 °C or more', 'the value is below 45 °C'],
    [{ operator: 'lt', deadband: 5 }, 'Bed is below 50 °C', 'the value is 55 °C or more'],
    [{ operator: 'lte', deadband: 5 }, 'Bed is 50 °C or less', 'the value is above 55 °C'],
    [{ operator: 'eq' }, 'Bed is 50 °C', 'the value is not 50 °C any more'],
    [{ operator: 'eq', deadband: 0.5 }, 'Bed is 50 °C', 'the value is more than 0.5 °C away from 50 °C'],
    [{ operator: 'between', ...range, deadband: 1 }, 'Bed is from 10 °C to 20 °C', 'the value is below 9 °C or above 21 °C'],
    [{ operator: 'not_between', ...range, deadband: 1 }, 'Bed is below 10 °C or above 20 °C', 'the value is from 11 °C to 19 °C'],
    [
      { kind: 'rate', threshold: 0.2, deadband: 0.1, window_seconds: 30 },
      'the change of Bed, taken over 30 s, is above 0.2 °C/s',
      'the change is 0.1 °C/s or less',
    ],
    [{ operator: 'lt', threshold: -2.5, event: { name: 'Count', unit: null } }, 'Count is below −2.5', 'the value is −2.5 or more'],
    [{ kind: 'no_data', operator: null, threshold: null, timeout_seconds: 5400 }, 'nothing comes from Bed for 1 h 30 min', 'values come again'],
  ])('%o', (part, begins, ends) => expect(say(part)).toBe(`When ${begins}: write a log entry. It is over when ${ends}.`))

  it('that nobody has finished says where it is not', () =>
    expect(say({ event: null, threshold: null })).toBe(
      'When an event that is still to be chosen is above …: write a log entry. It is over when the value is … or less.',
    ))
})

describe('what it does', () => {
  const action = (part: Partial<ToldRule['actions'][number]>) => ({ kind: 'log', webhook_type: null, value: null, event: null, ...part })
  const deeds = (actions: ToldRule['actions'], part: Partial<ToldRule> = {}) => say({ actions, ...part }).split(': ')[1]!.split('. It is over')[0]

  it.each<[ToldRule['actions'], Partial<ToldRule>, string]>([
    [[], {}, 'do nothing yet'],
    [[action({ kind: 'alarm' })], {}, 'raise an alarm of medium severity'],
    [[action({ kind: 'alarm' })], { latched: true, severity: 'critical' }, 'raise an alarm of critical severity that somebody has to reset'],
    [[action({ kind: 'webhook', webhook_type: 'sensor.threshold_exceeded' })], {}, 'tell the webhooks'],
    [[action({ kind: 'webhook', webhook_type: 'sensor.reading' })], {}, 'send the value to the webhooks for readings'],
    [[action({ kind: 'set_value', value: 100, event: { name: 'Valve', unit: '%' } })], {}, 'set Valve to 100 %'],
    [[action({ kind: 'set_value' })], {}, 'set an output that is still to be chosen to …'],
    [
      [action({}), action({ kind: 'alarm' }), action({ kind: 'set_value', value: 1, event: { name: 'Fan', unit: null } })],
      {},
      'write a log entry, raise an alarm of medium severity and set Fan to 1',
    ],
  ])('%o, %o', (actions, part, words) => expect(deeds(actions, part)).toBe(words))
})

it('delays, cooldown, suppression and being switched off are told', () =>
  expect(
    say({
      on_delay_seconds: 5,
      off_delay_seconds: 0.5,
      cooldown_seconds: 3600,
      suppressed_by: 'cleaning',
      enabled: false,
      actions: [{ kind: 'alarm', webhook_type: null, value: null, event: null }],
    }),
  ).toBe(
    'When Bed is above 50 °C and stays so for longer than 5 s: raise an alarm of medium severity. ' +
      'It is over when the value is 50 °C or less for longer than 0.5 s. It acts at most once in 1 h. ' +
      'While an experiment of the kind “cleaning” runs, nobody is told of the alarm. It is switched off.',
  ))

it('says nothing of a suppression without an alarm', () => expect(say({ suppressed_by: 'cleaning' })).not.toContain('cleaning'))
