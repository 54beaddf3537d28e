import type { Component } from 'vue'
import type { Event } from '@/api/events'
import type { Field, Value } from '@/shared/form/field'

export const COLUMNS = 24
export const MOST_ROWS = 1000

export interface Place {
  x: number
  y: number
  w: number
  h: number
}

/** What a widget shows and how: its events by public_id, a title of its own, and what its type has fields for. */
export interface Options {
  title?: string
  events?: string[]
  [name: string]: Value | string[] | undefined
}

/** As it stands in api.dashboards. */
export interface Widget extends Place {
  id: string
  type: string
  options: Options
}

/** What a widget's component is given. Its events are there and in the order of the options. */
export interface WidgetProps {
  events: Event[]
  options: Options
}

/** A kind of widget, as its folder's widget.ts describes it. */
export interface WidgetType {
  /** As it is kept in the database: never changed. */
  type: string
  name: string
  /** What it is for, in a sentence. */
  text: string
  /** Where it stands among those offered. */
  place: number
  size: { w: number; h: number }
  least: { w: number; h: number }
  /** What it needs of events; without it none. */
  events?: {
    least: number
    most: number
    /** Of which types they are; without it of any. */
    types?: readonly string[] | undefined
  }
  /** Its own options; the events are those that were chosen. */
  fields?(events: Event[]): readonly Field[]
  /** What those options begin with. */
  usual?(events: Event[]): Record<string, Value>
  /** Without a title of its own: what stands above it; empty for nothing. */
  title?(events: Event[]): string
  component: Component
}
