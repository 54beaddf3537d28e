import { onScopeDispose, shallowRef, watch, type Ref } from 'vue'
import { Problem } from '@/api/problem'
import type { Envelope } from '@/api/series'
import { readStatistics, type Statistics } from '@/api/statistics'
import type { ChartEvent } from '@/chart/line'
import type { Window } from '@/chart/shown'
import type { Curves } from '@/chart/use-curves'
import { atMost } from '@/shared/at-most'
import { useLoading } from '@/shared/use-loading'
import { figuresOf } from './figures-of'

const READ_AT_ONCE = 3
/** Too many values, or they were dropped: the curve knows what was kept of them. */
const REFUSED = [410, 413]

export interface Found {
  statistics: Statistics
  /** Whether they are of what the curve is drawn from, and thus fewer. */
  ofCurve: boolean
}

async function read({ id }: ChartEvent, window: Window, envelope: Envelope | undefined): Promise<Found> {
  try {
    return { statistics: await readStatistics(id, ...window), ofCurve: false }
  } catch (problem) {
    if (!(problem instanceof Problem && REFUSED.includes(problem.status)) || envelope === undefined) throw problem
    return { statistics: figuresOf(envelope, window), ofCurve: true }
  }
}

/** The figures of each event, by its public_id, of a window that has come to rest. */
export function useStatistics({ events, envelopes }: Curves, window: Ref<Window>) {
  const found = shallowRef<ReadonlyMap<string, Found>>(new Map())
  let turn = 0
  const { loading, problem, load } = useLoading(async () => {
    const mine = (turn += 1)
    const [of, asked] = [events.value, window.value]
    const all = await atMost(READ_AT_ONCE, of, (event) => read(event, asked, envelopes.value?.get(event.public_id)))
    if (mine === turn) found.value = new Map(of.map(({ public_id: id }, i) => [id, all[i]!]))
  })
  watch(window, load, { immediate: true })
  onScopeDispose(() => (turn += 1))
  return { found, loading, problem, load }
}
