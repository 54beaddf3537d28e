import { rest, rowsOf, type Known, type RowOf } from './rest'

export type Experiment = Known<RowOf<'experiments'>, 'public_id' | 'name' | 'all_events' | 'started_at' | 'keep'>

/** Those that run now, the newest first. */
export async function listRunning(): Promise<Experiment[]> {
  const running = (await rest()).from('experiments').select().is('stopped_at', null)
  return rowsOf<Experiment[]>(await running.lte('started_at', 'now').order('started_at', { ascending: false }))
}
