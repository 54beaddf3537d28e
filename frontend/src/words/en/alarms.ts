import { plural } from './plural'

const severities = { critical: 'critical', high: 'high', medium: 'medium', low: 'low' } as Record<string, string>

export const alarms = {
  title: 'Alarms',
  one: 'Alarm',
  missingTitle: 'No such alarm',
  missing: 'There is no alarm with this address.',
  severities,
  priority: (priority: number, severity: string) => `Priority ${priority}, ${severities[severity] ?? severity}`,
  mark: (priority: number, severity: string, acknowledged: boolean) =>
    `Priority ${priority}, ${severities[severity] ?? severity}, ${acknowledged ? 'acknowledged' : 'not acknowledged'}`,
  states: {
    active_unacknowledged: 'active, not acknowledged',
    active_acknowledged: 'active, acknowledged',
    returned_unacknowledged: 'returned, not acknowledged',
    latched_unacknowledged: 'latched, not acknowledged',
    latched_acknowledged: 'latched, to be reset',
    normal: 'normal',
  } as Record<string, string>,
  loading: 'Loading alarms…',
  none: 'No open alarms.',
  further: (n: number) => `${n} more`,
  silent: (n: number) => `${plural(n, 'silent alarm', 'silent alarms')}, shelved or suppressed`,
  header: {
    none: 'No alarms',
    noneWaiting: (open: number) => plural(open, 'alarm', 'alarms'),
    waiting: (counts: string) => `Alarms not acknowledged: ${counts}`,
    allAcknowledged: (open: number) => `${plural(open, 'open alarm', 'open alarms')}, all acknowledged`,
    count: (severity: string, n: number) => `${n} ${severities[severity] ?? severity}`,
  },
}
