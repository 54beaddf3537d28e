import { computed, onScopeDispose, shallowRef } from 'vue'
import { readAlarmCounts, type AlarmCount } from '@/api/alarms'
import { useStream } from '@/live/stream'
import { useLoading } from '@/shared/use-loading'

/** Of a flood of alarms the counts are read this often. */
const GATHER_MS = 500

const sum = (counts: AlarmCount[] | null, of: 'unacknowledged' | 'open' | 'silenced') => (counts ?? []).reduce((all, count) => all + count[of], 0)

/** How many alarms are open by severity, as the database counts them; null until it is known. */
export function useAlarmCounts() {
  const counts = shallowRef<AlarmCount[] | null>(null)
  const { problem, load } = useLoading(async () => {
    counts.value = await readAlarmCounts()
  })

  let gathering: ReturnType<typeof setTimeout> | undefined
  function loadSoon() {
    gathering ??= setTimeout(() => {
      gathering = undefined
      void load()
    }, GATHER_MS)
  }
  onScopeDispose(() => clearTimeout(gathering))
  useStream().watchLive({ topics: ['alarm'], onRows: loadSoon, onReload: loadSoon })
  void load()

  const unacknowledged = computed(() => sum(counts.value, 'unacknowledged'))
  const open = computed(() => sum(counts.value, 'open'))
  const silenced = computed(() => sum(counts.value, 'silenced'))
  return { counts, unacknowledged, open, silenced, problem, load }
}
