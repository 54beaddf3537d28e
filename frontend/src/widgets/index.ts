import type { WidgetType } from './widget'

const files = import.meta.glob<WidgetType>('./*/widget.ts', { eager: true, import: 'default' })

/** All kinds of widgets, gathered from their folders, in the order in which they are offered. */
export const widgetTypes: readonly WidgetType[] = Object.values(files).sort((a, b) => a.place - b.place)

export const widgetTypeOf = (type: string): WidgetType | undefined => widgetTypes.find((known) => known.type === type)
