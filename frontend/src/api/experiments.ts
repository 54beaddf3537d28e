import { restUrl } from './config'
import { fetchFile, formatQuery, type FileFormat, type NamedFile } from './export'
import { fetchAsPerson } from './fetch-as-person'
import { problemOf, unreachable } from './problem'
import { rest, rowsOf, type Known, type RowOf } from './rest'
import type { Database } from './schema'

export type Experiment = Known<RowOf<'experiments'>, 'public_id' | 'name' | 'all_events' | 'started_at' | 'keep'>
export type ExperimentChange = Database['api']['Views']['experiments']['Update']
export type Note = Known<RowOf<'experiment_notes'>, 'noted_at' | 'text'>
export type AttachedFile = Known<RowOf<'experiment_files'>, 'name' | 'size' | 'created_at'>

/** What of an event was measured meanwhile. */
export interface Figures {
  event_id: number
  event_public_id: string
  name: string
  unit: string | null
  count: number
  bad: number
  min: number | null
  max: number | null
  mean: number | null
  first: number | null
  last: number | null
}

export interface RaisedAlarm {
  alarm_id: number
  alarm_public_id: string
  name: string
  severity: string
  raised_at: string
  message: string | null
}

/** What rpc/experiment_summary answers. */
export interface Summary {
  experiment: Experiment
  until: string
  duration_seconds: number
  complete: boolean
  events: Figures[]
  alarms: RaisedAlarm[]
  notes: Note[]
  files: AttachedFile[]
}

/** Those that run now, the newest first. */
export async function listRunning(): Promise<Experiment[]> {
  const running = (await rest()).from('experiments').select().is('stopped_at', null)
  return rowsOf<Experiment[]>(await running.lte('started_at', 'now').order('started_at', { ascending: false }))
}

/** One experiment, or null where there is none. */
export async function findExperiment(publicId: string): Promise<Experiment | null> {
  return rowsOf<Experiment[]>(await (await rest()).from('experiments').select().eq('public_id', publicId))[0] ?? null
}

export async function readSummary(id: number): Promise<Summary> {
  return rowsOf<Summary>(await (await rest()).rpc('experiment_summary', { experiment_id: id }))
}

/** Together with its events; without any all events belong to it. */
export async function startExperiment(values: Record<string, unknown>, eventIds: number[]): Promise<Experiment> {
  const started = (await rest()).rpc('start_experiment', { ...values, event_ids: eventIds } as never)
  return rowsOf<Experiment[]>((await started) as never)[0]!
}

export async function stopExperiment(id: number) {
  rowsOf(await (await rest()).rpc('stop_experiment', { experiment_id: id }))
}

export async function changeExperiment(id: number, values: ExperimentChange) {
  rowsOf(await (await rest()).from('experiments').update(values).eq('id', id))
}

export async function deleteExperiment(id: number) {
  rowsOf(await (await rest()).from('experiments').delete().eq('id', id))
}

export async function addNote(experimentId: number, text: string) {
  rowsOf(await (await rest()).from('experiment_notes').insert({ experiment_id: experimentId, text }))
}

export async function changeNote(id: number, text: string) {
  rowsOf(await (await rest()).from('experiment_notes').update({ text }).eq('id', id))
}

export async function deleteNote(id: number) {
  rowsOf(await (await rest()).from('experiment_notes').delete().eq('id', id))
}

const bytesOf = (text: string) => Array.from(new TextEncoder().encode(text), (byte) => `%${byte.toString(16).padStart(2, '0')}`)

/** The bytes as they are; what they are called is said in headers. */
export async function uploadFile(experimentId: number, file: File) {
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Experiment-Id': String(experimentId),
    'File-Name': bytesOf(file.name).join(''),
    ...(file.type === '' ? {} : { 'File-Type': file.type }),
  }
  const address = `${await restUrl()}/rpc/upload_experiment_file`
  const response = await fetchAsPerson(address, { method: 'POST', headers, body: file }).catch(() => {
    throw unreachable()
  })
  if (!response.ok) throw problemOf(response.status, await response.json().catch(() => null))
}

export async function downloadFile({ id, name }: AttachedFile): Promise<NamedFile> {
  const file = await fetchFile(`${await restUrl()}/rpc/experiment_file?file_id=${id}`, {})
  return { ...file, name }
}

export async function deleteFile(id: number) {
  rowsOf(await (await rest()).from('experiment_files').delete().eq('id', id))
}

/** All that was measured of its events, as a file. */
export const exportExperiment = (publicId: string, format: FileFormat, signal: AbortSignal) =>
  fetchFile(`/export/experiments/${publicId}?${formatQuery(format)}`, { signal })
