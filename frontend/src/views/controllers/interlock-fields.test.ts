import { expect, it } from 'vitest'
import type { Interlock } from '@/api/interlocks'
import { sentenceOf } from './interlock-fields'

const interlock = {
  operator: 'gt',
  threshold: 5,
  threshold_high: null,
  max_age_seconds: 10,
  source: { name: 'Flow', unit: 'm³/h' },
} as Interlock

it.each<[Partial<Interlock>, string]>([
  [{}, 'Heater moves only while Flow is greater than 5 m³/h, the value at most 10 s old.'],
  [{ operator: 'between', threshold_high: 9 }, 'Heater moves only while Flow is from 5 m³/h to 9 m³/h, the value at most 10 s old.'],
  [{ operator: 'eq', source: { name: 'Door', unit: null } }, 'Heater moves only while Door is 5, the value at most 10 s old.'],
  [{ source: null }, 'Heater: It blocks: its source was deleted.'],
])('%o: %s', (part, sentence) => expect(sentenceOf({ ...interlock, ...part }, 'Heater')).toBe(sentence))
