import { computed } from 'vue'
import { MOST_POINTS } from '@/api/datapoints'
import { span } from '@/format/age'
import { formatCount } from '@/format/number'
import { useMedia } from '@/shared/use-media'
import { words } from '@/words'
import type { Curves } from './use-curves'

/** What must be known of curves that are shown: what they are made of, and what is not there (yet), unless `NoValues` says it. */
export function useStatus({ loading, byValue, points, lines, complete, envelopes }: Curves, none = words.chart.noPoints) {
  return computed(() => {
    if (loading.value) {
      const read = [...points.value.values()].reduce((sum, { length }) => sum + length, 0)
      return byValue.value ? words.chart.loadingPast(formatCount(read)) : words.chart.loading
    }
    if (lines.value.every(({ plotted }) => plotted[0].length === 0)) return none
    if (byValue.value) return complete.value ? '' : words.chart.truncated(formatCount(MOST_POINTS))
    const drawn = [...(envelopes.value?.values() ?? [])]
    const pooled = drawn.some(({ buckets }) => buckets.some(({ count }) => count > 1))
    return pooled ? words.chart.envelope(span(drawn[0]!.width)) : ''
  })
}

/** How to move about in a chart, with what there is to point with. */
export function useHint() {
  const byFinger = useMedia('(pointer: coarse)')
  return computed(() => (byFinger.value ? words.chart.hintForFingers : words.chart.hint))
}
