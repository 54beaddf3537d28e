import { computed, ref } from 'vue'
import { isOutdated } from '@/api/problem'
import { enableRule, findRule, saveRule, type RuleInFull } from '@/api/rules'
import { useLoading } from '@/shared/use-loading'
import { words } from '@/words'
import { draftOf, newDraft, ruleOf, type Draft } from './draft'

interface Props {
  rule: RuleInFull | null
  firstEvent: number | null
  made: boolean
}
type Emit = ((name: 'saved', publicId: string) => void) & ((name: 'changed') => void)

/** What the form holds of a rule, until it is saved: based on the version that was read, whatever others do meanwhile. */
export function useRuleDraft(props: Props, emit: Emit) {
  const draft = ref<Draft>(props.rule ? draftOf(props.rule) : newDraft(props.firstEvent))
  const version = ref(props.rule?.version)
  const said = ref(props.made ? words.rules.made : '')
  const conflict = ref(false)

  const toSave = computed(() => ruleOf(draft.value))
  const kept = ref(JSON.stringify(toSave.value))
  const changed = computed(() => JSON.stringify(toSave.value) !== kept.value)
  /** What is in the form now is no change any more. */
  const keep = () => void (kept.value = JSON.stringify(toSave.value))

  async function write() {
    const saved = await saveRule(props.rule ? { ...toSave.value, id: props.rule.id, version: version.value! } : toSave.value)
    version.value = saved.version
    conflict.value = false
    keep()
    said.value = words.rules.saved
    emit('saved', saved.public_id)
  }

  async function save() {
    said.value = ''
    await write().catch((problem) => {
      if (!isOutdated(problem)) throw problem
      conflict.value = true
    })
  }

  async function theirs(): Promise<RuleInFull> {
    const found = await findRule(props.rule!.public_id)
    if (found !== null) version.value = found.version
    return found ?? props.rule!
  }
  async function takeTheirs() {
    draft.value = draftOf(await theirs())
    conflict.value = false
    keep()
    emit('changed')
  }
  async function writeOver() {
    await theirs()
    await write()
  }
  const ways = [
    { label: words.form.conflictTheirs, go: takeTheirs },
    { label: words.form.conflictMine, go: writeOver },
  ]

  const { loading: switching, problem, load: toggle } = useLoading(async () => {
    const enabled = !props.rule!.enabled
    const before = changed.value
    const now = await enableRule(props.rule!.id, enabled)
    // what somebody else changed meanwhile is not known here, and stays a conflict
    if (now === version.value! + 1) version.value = now
    draft.value.enabled = enabled
    if (!before) keep()
    emit('changed')
  })

  return { draft, toSave, said, changed, conflict, ways, save, drop: keep, switching, problem, toggle }
}
