import { computed, shallowRef } from 'vue'
import { listBundles, listTargets, type Bundle, type Target } from '@/api/updates'
import { useLoading } from '@/shared/use-loading'
import { words } from '@/words'

/** What updates are about: the bundles, and the controllers with what they run. */
export function useKnown() {
  const bundles = shallowRef<Bundle[]>([])
  const targets = shallowRef<Target[] | null>(null)
  const { problem, load } = useLoading(async () => {
    ;[bundles.value, targets.value] = await Promise.all([listBundles(), listTargets()])
  })
  void load()

  const byId = computed(() => new Map(bundles.value.map((bundle) => [bundle.id, bundle])))
  const bundleOf = (id: number | null) => byId.value.get(id ?? 0)
  const versionOf = (id: number | null) => bundleOf(id)?.version ?? ''
  const nameOf = (id: number | null) =>
    id === null ? words.updates.thisServer : (targets.value?.find((one) => one.id === id)?.name ?? '')
  return { targets, problem, load, bundleOf, versionOf, nameOf }
}
