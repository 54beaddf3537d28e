import { computed, ref, shallowRef, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import type { RowOf, ViewName } from '@/api/rest'
import { useLoading } from '@/shared/use-loading'
import { fromQuery, toQuery } from './address'
import type { Column, ListState, Sort } from './column'
import { isBeyondTheEnd, PAGE_ROWS, readPage } from './read-page'

export interface Listed<Name extends ViewName> {
  view: Name
  key: keyof RowOf<Name> & string
  columns: readonly Column<RowOf<Name>>[]
  sort: Sort
  /** The columns to read, where not all are needed: as `select` of the API has it. */
  select?: string
}

/** A page of a view, read anew whenever the address asks for another. */
export function useList<Name extends ViewName>(of: Listed<Name>) {
  const { columns, sort } = of
  const route = useRoute()
  const router = useRouter()
  const { name } = route
  const rows = shallowRef<RowOf<Name>[] | null>(null)
  const count = ref(0)
  const state = computed(() => fromQuery(route.query, columns, sort))
  const asked = computed(() => JSON.stringify(state.value))
  const pages = computed(() => Math.max(1, Math.ceil(count.value / PAGE_ROWS)))

  const { loading, problem, load } = useLoading(async () => {
    const wanted = asked.value
    const page = await readPage(of, state.value).catch((error) => {
      if (!isBeyondTheEnd(error)) throw error
      show({ page: 1 })
      return null
    })
    if (page === null || wanted !== asked.value) return
    rows.value = page.rows
    count.value = page.count
  })

  /** Typing leaves no trail of addresses to go back through; turning pages does. */
  function show(part: Partial<ListState>) {
    const query = toQuery({ ...state.value, page: 1, ...part }, sort, route.query)
    void (part.filters ? router.replace({ query }) : router.push({ query }))
  }

  // the address also changes when somebody goes to another view
  watch(asked, () => route.name === name && void load())
  void load()

  return { state, rows, count, pages, loading, problem, load, show }
}
