import { expect, it } from 'vitest'
import { words } from '@/words'
import { isDoubtful, qualityOf, reasonOf } from './quality'

it.each([
  [192, 'good', 'good'],
  [216, 'good', 'entered by hand'],
  [96, 'simulated', 'simulated'],
  [64, 'uncertain', 'uncertain'],
  [80, 'uncertain', 'uncertain'],
  [84, 'uncertain', 'out of range'],
  [100, 'uncertain', 'clock not set'],
  [0, 'bad', 'bad'],
  [16, 'bad', 'sensor fault'],
  [18, 'bad', 'sensor fault'],
  [24, 'bad', 'no communication'],
])('quality %d is %s: %s', (code, word, reason) => {
  expect(qualityOf(code)).toBe(word)
  expect(reasonOf(code, words.quality.reasons, words.quality)).toBe(reason)
})

it('marks what is doubtful, not what is simulated', () => {
  expect([192, 216, 96, 64, 84, 0].filter(isDoubtful)).toEqual([64, 84, 0])
})
