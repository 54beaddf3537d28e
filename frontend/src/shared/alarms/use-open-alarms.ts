import { computed, shallowRef } from 'vue'
import { readOpenAlarms, type Alarm } from '@/api/alarms'
import { useStream } from '@/live/stream'
import { useLoading } from '@/shared/use-loading'
import { merged } from './order'

/** All open alarms, the most urgent first, for as long as the calling component lives; null until they are known. */
export function useOpenAlarms() {
  const alarms = shallowRef<Alarm[] | null>(null)
  /** What came while the list was on its way may be newer than the list. */
  let meanwhile: Alarm[] = []

  const { loading, problem, load } = useLoading(async () => {
    meanwhile = []
    const read = await readOpenAlarms()
    alarms.value = merged(read, meanwhile)
  })

  function take(changed: Alarm[]) {
    meanwhile.push(...changed)
    if (alarms.value !== null) alarms.value = merged(alarms.value, changed)
  }

  useStream().watchLive({ topics: ['alarm'], onRows: (_topic, rows) => take(rows as unknown as Alarm[]), onReload: load })
  void load()

  const announced = computed(() => alarms.value?.filter(({ silenced_by: silenced }) => silenced === null) ?? [])
  const silent = computed(() => alarms.value?.filter(({ silenced_by: silenced }) => silenced !== null) ?? [])
  return { alarms, announced, silent, loading, problem, load, take }
}
