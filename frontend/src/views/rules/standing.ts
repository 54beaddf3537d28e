import type { RuleInFull } from '@/api/rules'

/** How a rule is at the moment, as a word of the catalogue. */
export function standingOf({ enabled, events, rule_states: state }: RuleInFull) {
  if (!enabled) return 'off'
  if (events?.archived_at) return 'archived'
  if (state?.failure) return 'failed'
  if (state?.active) return 'active'
  return state?.signal ? 'waiting' : 'quiet'
}
