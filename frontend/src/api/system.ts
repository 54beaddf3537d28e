import { problemOf, unreachable } from './problem'
import { rest, rowsOf, type Known, type RowOf } from './rest'

/** How one part of the system is; `problem` is null while it works. */
export interface Part {
  ok: boolean
  tried: string | null
  problem: string | null
  latency_ms: number
}

export interface HealthReport {
  ok: boolean
  version: string
  components: Record<string, Part>
}

export type Unit = 'raw' | 'minute' | 'hour' | 'day'
export type Stored = Known<RowOf<'storage'>, 'unit' | 'month' | 'bytes'>
export type Forecast = RowOf<'storage_forecast'>
export type Policy = RowOf<'retention'>
export type Kept = RowOf<'housekeeping'>
export type KeptChange = Pick<Kept, 'days' | 'least_days'>
export type PolicyChange = Pick<Policy, 'age_days' | 'budget_bytes' | 'least_days'>
export type ExperimentFiles = Known<RowOf<'experiment_storage'>, 'experiment_id' | 'files' | 'bytes'> & {
  experiments: { name: string; public_id: string } | null
}

/** A piece of history, from (inclusive) to (exclusive). */
export interface Piece {
  unit: Unit
  name: string
  from: string
  to: string
  bytes: number
}

/** Also an answer that says what does not work. */
export async function readHealth(): Promise<HealthReport> {
  const answer = await fetch('/health', { cache: 'no-store' }).catch(() => {
    throw unreachable()
  })
  const body = (await answer.json().catch(() => null)) as HealthReport | null
  if (body?.components === undefined) throw problemOf(answer.status, body)
  return body
}

export async function listStored(): Promise<Stored[]> {
  return rowsOf<Stored[]>(await (await rest()).from('storage').select('*').order('month', { ascending: false }))
}

export async function readForecast(): Promise<Forecast> {
  return rowsOf<Forecast[]>(await (await rest()).from('storage_forecast').select('*'))[0]!
}

export async function listPolicies(): Promise<Policy[]> {
  return rowsOf<Policy[]>(await (await rest()).from('retention').select('*'))
}

export async function changePolicy(unit: string, values: PolicyChange) {
  rowsOf(await (await rest()).from('retention').update(values).eq('unit', unit))
}

/** How long is kept what is no value. */
export async function listKept(): Promise<Kept[]> {
  return rowsOf<Kept[]>(await (await rest()).from('housekeeping').select('*').order('what'))
}

export async function changeKept(what: string, values: KeptChange) {
  rowsOf(await (await rest()).from('housekeeping').update(values).eq('what', what))
}

/** What would go at once if it were so; nothing is changed. */
export async function previewPolicy(unit: string, values: PolicyChange): Promise<Piece[]> {
  const { age_days, budget_bytes } = values
  const asked = { unit, age_days, budget_bytes } as { unit: string; age_days: number; budget_bytes: number }
  return rowsOf<Piece[]>(await (await rest()).rpc('preview_retention', asked))
}

export async function listPieces(): Promise<(Piece & { goes: boolean })[]> {
  return rowsOf<(Piece & { goes: boolean })[]>(await (await rest()).rpc('history_partitions', {}))
}

export async function listExperimentFiles(): Promise<ExperimentFiles[]> {
  const query = (await rest()).from('experiment_storage').select<string, ExperimentFiles>('*,experiments(name,public_id)')
  return rowsOf<ExperimentFiles[]>(await query.gt('files', 0).order('bytes', { ascending: false }).limit(50))
}
