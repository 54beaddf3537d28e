import type { Event } from '@/api/events'
import { widgetTypeOf } from './index'
import type { Widget } from './widget'

/** What stands above a widget: its own title, what its type says, else the names of its events. */
export function titleOf({ type, options }: Pick<Widget, 'type' | 'options'>, events: Event[]): string {
  if (options.title) return options.title
  return widgetTypeOf(type)?.title?.(events) ?? events.map(({ name }) => name).join(', ')
}
