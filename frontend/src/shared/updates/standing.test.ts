import { describe, expect, it } from 'vitest'
import type { Update } from '@/api/updates'
import { words } from '@/words'
import { deedsOf, standingOf, stepsToCome } from './standing'

const at = '2026-11-30T10:00:00Z'
const update = (more: Partial<Update>): Update => ({ state: 'pending', controller_id: 1, author: 'ada', approved_at: at, roll_back_at: null, withdrawn_by: null, ...more }) as Update

describe('what can be done with an update', () => {
  it('waits for somebody else than who asked for it', () => {
    const waiting = update({ approved_at: null })
    expect(deedsOf(waiting, 'bob')).toEqual(['approve_update', 'withdraw_update'])
    expect(deedsOf(waiting, 'ada')).toEqual(['withdraw_update'])
    expect(standingOf(waiting)).toEqual({ kind: 'attention', word: 'waits for approval' })
  })

  it.each([
    ['pending', ['withdraw_update']],
    ['downloading', ['withdraw_update']],
    ['verified', ['withdraw_update']],
    ['installing', []],
    ['probation', []],
    ['completed', ['roll_back_update']],
    ['failed', []],
    ['rolled_back', []],
  ])('is %s', (state, deeds) => expect(deedsOf(update({ state }), 'ada')).toEqual(deeds))

  it('of the server is rolled back on its machine alone', () => {
    expect(deedsOf(update({ state: 'completed', controller_id: null }), 'ada')).toEqual([])
  })

  it('has not failed because somebody withdrew it', () =>
    expect(standingOf(update({ state: 'failed', withdrawn_by: 'ada' }))).toEqual({ kind: 'off', word: 'withdrawn by ada' }))

  it('is not rolled back twice', () => {
    const back = update({ state: 'completed', roll_back_at: at })
    expect(deedsOf(back, 'ada')).toEqual([])
    expect(standingOf(back).word).toBe('goes back to the version before')
  })
})

it('explains each step, of controllers and of the server', () => {
  const states = Object.keys(words.updates.states)
  expect(Object.keys(words.updates.explained)).toEqual(states)
  expect(Object.keys(words.updates.explainedOfServer)).toEqual(states)
  expect(words.updates.heading('1.2', words.updates.thisServer)).toBe('1.2 on this server')
})

it('says what is to come', () => {
  expect(stepsToCome('installing')).toEqual(['probation', 'completed'])
  expect(stepsToCome('completed')).toEqual([])
  expect(stepsToCome('failed')).toEqual([])
  expect(stepsToCome(undefined)).toEqual([])
})
