import { describe, expect, it } from 'vitest'
import type { Command, CommandState } from '@/api/commands'
import { further, hasFailed, isUnderWay } from './life'

const command = (id: number, state: CommandState) => ({ id, state }) as Command

describe('of what is told of commands', () => {
  it.each<[CommandState, CommandState, CommandState]>([
    ['queued', 'sent', 'sent'],
    ['sent', 'queued', 'sent'],
    ['done', 'queued', 'done'],
    ['done', 'sent', 'done'],
    ['sent', 'outcome_unknown', 'outcome_unknown'],
    ['outcome_unknown', 'done', 'done'],
    ['failed', 'sent', 'failed'],
  ])('%s, then %s: it is %s', (known, told, is) => {
    expect(further(command(1, known), command(1, told)).state).toBe(is)
  })

  it('the later command counts, whatever became of the earlier', () => {
    expect(further(command(1, 'done'), command(2, 'queued')).id).toBe(2)
    expect(further(command(2, 'queued'), command(1, 'done')).id).toBe(2)
    expect(further(null, command(1, 'queued')).id).toBe(1)
  })

  it('some are under way, some have failed', () => {
    const all: CommandState[] = ['queued', 'sent', 'done', 'failed', 'expired', 'superseded', 'outcome_unknown']
    expect(all.filter((state) => isUnderWay({ state }))).toEqual(['queued', 'sent'])
    expect(all.filter((state) => hasFailed({ state }))).toEqual(['failed', 'expired', 'outcome_unknown'])
  })
})
