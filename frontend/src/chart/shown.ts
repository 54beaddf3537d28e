import type { Seconds } from '@/format/time'

export type Window = readonly [from: Seconds, to: Seconds]

/** What a chart shows: the last seconds, up to now, or a window that stays. */
export type Shown = { readonly span: Seconds } | { readonly from: Seconds; readonly to: Seconds }

export const windowOf = (shown: Shown, now: Seconds): Window =>
  'span' in shown ? [now - shown.span, now] : [shown.from, shown.to]
