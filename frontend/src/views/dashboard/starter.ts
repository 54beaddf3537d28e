import type { Event } from '@/api/events'
import { MOST_LINES } from '@/chart/line'
import { widgetTypeOf } from '@/widgets'
import type { Widget } from '@/widgets/widget'
import { freeId, freePlace } from './layout'

const MOST_CURVES = 4
const MOST_NUMBERS = 8
const MOST_CONTROLS = 6

/** What sets an event of this type best. */
const CONTROLS: Record<string, string> = { actuator: 'slider', range: 'slider', cmd_button: 'button' }

type Wish = [type: string, events: Event[]]

const inParts = (events: Event[]) =>
  Array.from({ length: Math.ceil(events.length / MOST_LINES) }, (_, n) => events.slice(n * MOST_LINES, (n + 1) * MOST_LINES))

/** What shows an area well: a curve for each unit, a number for each sensor, a control for what can be set, its alarms. */
function wishesFor(events: readonly Event[]): Wish[] {
  const sensors = events.filter(({ event_type: type }) => type === 'sensor')
  const settable = events.filter(({ event_type: type }) => type in CONTROLS)
  const units = [...new Set(sensors.map(({ unit }) => unit))]
  const byUnit = units.flatMap((unit) => inParts(sensors.filter((event) => event.unit === unit)))
  const curves = byUnit.sort((a, b) => b.length - a.length).slice(0, MOST_CURVES)
  return [
    ...curves.map((some): Wish => ['curve', some]),
    ...sensors.slice(0, MOST_NUMBERS).map((event): Wish => ['number', [event]]),
    ...settable.slice(0, MOST_CONTROLS).map((event): Wish => [CONTROLS[event.event_type]!, [event]]),
    ['alarms', [...events]],
  ]
}

/** A first dashboard of these events, to be changed as one likes. */
export function starterFor(events: readonly Event[]): Widget[] {
  return wishesFor(events.slice(0, 50)).reduce<Widget[]>((widgets, [type, some]) => {
    const { size, usual } = widgetTypeOf(type)!
    const options = { events: some.map(({ public_id: id }) => id), ...usual?.(some) }
    return [...widgets, { id: freeId(widgets), type, options, ...freePlace(widgets, size) }]
  }, [])
}
