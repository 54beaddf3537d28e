import type { Alarm } from '@/api/alarms'
import { moment } from '@/format/moment'
import { isAcknowledged } from '@/shared/alarms/order'
import { words } from '@/words'

/** What somebody is about to do, with a dialog. */
export type Doing = { what: 'acknowledge'; alarms: Alarm[] } | { what: 'reset' | 'shelve'; alarm: Alarm }

export const mayReset = ({ state }: Alarm) => state === 'latched_acknowledged'
export const mayAcknowledge = (alarm: Alarm) => !isAcknowledged(alarm) && alarm.state !== 'normal'

/** Who was quicker: of two who acknowledge the same the server keeps the first. */
export function saidOf(answered: readonly Alarm[], me: string | undefined): string {
  return answered
    .filter(({ acknowledged_by: by }) => by !== null && by !== me)
    .map((alarm) => words.alarms.before(alarm.name, alarm.acknowledged_by!, moment(alarm.acknowledged_at!)))
    .join(' ')
}
