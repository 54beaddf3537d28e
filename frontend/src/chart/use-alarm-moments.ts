import { computed, shallowRef, watch, type Ref } from 'vue'
import { MOST_MOMENTS, readAlarmMoments, type AlarmMoment } from '@/api/alarm-marks'
import { useStream } from '@/live/stream'
import { useLoading } from '@/shared/use-loading'
import type { Window } from './shown'
import type { Curves } from './use-curves'

/** Read is also what comes while time goes on; the window leaves out what is too early. */
const [AHEAD, AHEAD_AT_LEAST] = [0.1, 60]

/** When alarms of the events were raised in what is shown. */
export function useAlarmMoments({ events }: Curves, paced: Ref<Window>) {
  const moments = shallowRef<AlarmMoment[]>([])
  let turn = 0
  const { problem, load } = useLoading(async () => {
    const mine = (turn += 1)
    const ids = events.value.map(({ id }) => id)
    const [from, to] = paced.value
    const found = ids.length === 0 ? [] : await readAlarmMoments(ids, from, to + AHEAD * (to - from) + AHEAD_AT_LEAST)
    if (mine === turn) moments.value = found
  })
  watch(paced, load, { immediate: true })
  useStream().watchLive({ topics: ['alarm'], onRows: load, onReload: load })
  return { moments, complete: computed(() => moments.value.length < MOST_MOMENTS), problem }
}
