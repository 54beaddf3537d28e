import { makeDashboard, type Dashboard } from '@/api/dashboards'
import { Problem } from '@/api/problem'
import { words } from '@/words'

const MOST_TRIES = 20
const LONGEST_NAME = 100
const TAKEN = '23505'

/** Of its own, under the first name that is free. */
export async function copyOf({ name, widgets }: Pick<Dashboard, 'name' | 'widgets'>): Promise<Dashboard> {
  for (let n = 1; ; n += 1) {
    const called = words.dashboards.copyOf(name.slice(0, LONGEST_NAME - 12), n)
    const made = await makeDashboard({ name: called, widgets }).catch((problem) => {
      if (!(problem instanceof Problem && problem.code === TAKEN) || n === MOST_TRIES) throw problem
      return null
    })
    if (made !== null) return made
  }
}
