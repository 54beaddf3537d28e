import type { Channel, Instance } from '@/api/controllers'
import type { ChannelChange, FreeEvent } from '@/api/plugins'
import { formatLimit } from '@/format/number'
import type { Field, Value, Values } from '@/shared/form/field'
import { words } from '@/words'

const say = words.instances

const REPORTS = ['every', 'change'].map((value) => ({ value, label: say.reports[value]! }))

/** A point of a calibration, as the form has it. */
type Pair = { raw: Value; value: Value }

const named = ({ name, unit }: Pick<FreeEvent, 'name' | 'unit'>) => (unit ? `${name} (${unit})` : name)

/** The events to choose from: its own, and those that no other channel has. */
function eventField({ direction, event }: Channel, free: readonly FreeEvent[]): Field {
  const events = event === null ? free : [event, ...free]
  const options = events.map((one) => ({ value: JSON.stringify(one.id), label: named(one) }))
  return {
    name: 'event_id',
    label: direction === 'input' ? say.feeds : say.drivenBy,
    kind: 'choice',
    coded: true,
    options: [{ value: 'null', label: say.noEvent }, ...options],
  }
}

const CALIBRATION: Field = {
  name: 'calibration',
  label: say.calibration,
  kind: 'list',
  help: say.calibrationHelp,
  item: {
    name: '',
    label: say.point,
    kind: 'group',
    fields: [
      { name: 'raw', label: say.raw, kind: 'number', required: true },
      { name: 'value', label: say.means, kind: 'number', required: true },
    ],
  },
}

export function fieldsOfChannel(channel: Channel, free: readonly FreeEvent[]): Field[] {
  const { unit, safe_value: safe } = channel
  const fields: Field[] = [
    eventField(channel, free),
    { name: 'report', label: say.report, kind: 'choice', options: REPORTS },
    { name: 'deadband', label: say.deadband, kind: 'number', help: say.deadbandHelp, unit: unit ?? undefined, required: true },
    { name: 'heartbeat_seconds', label: say.heartbeat, kind: 'number', help: say.heartbeatHelp, unit: 's', required: true },
    CALIBRATION,
  ]
  if (channel.direction === 'input') return fields
  const value = safe === null ? say.noSafe : `${formatLimit(safe)} ${unit ?? ''}`.trim()
  return [...fields, { name: 'safe_after_seconds', label: say.safeAfter, kind: 'number', unit: 's', help: say.safeAfterHelp(value) }]
}

export function valuesOfChannel(channel: Channel): Values {
  const { event_id, report, deadband, heartbeat_seconds, safe_after_seconds, calibration } = channel
  const pairs = (calibration ?? []) as [number, number][]
  return {
    event_id,
    report,
    deadband,
    heartbeat_seconds,
    safe_after_seconds,
    calibration: pairs.map(([raw, value]) => ({ raw, value })),
  }
}

/** No points are no calibration. */
export function channelChange({ calibration, ...rest }: Values): ChannelChange {
  const pairs = (calibration as Pair[]).map(({ raw, value }) => [raw, value])
  return { ...(rest as ChannelChange), calibration: pairs.length === 0 ? null : pairs }
}

const TYPES = ['sensor', 'actuator', 'range', 'cmd_button', 'cmd_opened', 'cmd_closed']

export const OF_A_NEW_EVENT: readonly Field[] = [
  { name: 'name', label: say.name, required: true },
  { name: 'event_type', label: say.eventType, kind: 'choice', options: TYPES.map((value) => ({ value, label: words.event.types[value]! })) },
  { name: 'unit', label: say.unit },
  { name: 'min_value', label: say.min, kind: 'number' },
  { name: 'max_value', label: say.max, kind: 'number' },
  { name: 'area', label: say.area, help: say.areaHelp },
]

/** What its channel says of it. */
export const valuesOfNewEvent = (instance: Instance, channel: Channel): Values => ({
  name: `${instance.name} ${channel.channel_name}`,
  event_type: channel.direction === 'input' ? 'sensor' : 'actuator',
  unit: channel.unit,
  min_value: channel.min_value,
  max_value: channel.max_value,
  area: instance.name,
})
