import { fetchAsPerson } from './fetch-as-person'
import { fetchJson } from './fetch-json'
import { rest, rowsOf, type Known, type RowOf } from './rest'

type BundleRow = Known<
  RowOf<'update_bundles'>,
  | 'product'
  | 'version'
  | 'counter'
  | 'from_version'
  | 'architecture'
  | 'python'
  | 'made_at'
  | 'expires_at'
  | 'changes'
  | 'file_name'
  | 'size'
  | 'sha256'
  | 'author'
  | 'created_at'
>

/** What a bundle says of itself; its signatures were verified before it was listed. */
export type Bundle = Omit<BundleRow, 'parts' | 'signed_by'> & {
  parts: { name: string; size: number; sha256: string }[]
  signed_by: string[]
}

/** That a controller, or the server itself (null), is to have a bundle, and what has become of it. */
export type Update = Known<
  RowOf<'updates'>,
  'bundle_id' | 'state' | 'received' | 'author' | 'created_at' | 'changed_at'
>

export type Step = Known<RowOf<'update_steps'>, 'update_id' | 'state' | 'at'>

/** Where newer bundles are looked for; an empty `source`: nowhere. */
export type Source = Known<RowOf<'update_source'>, 'source'>

/** A newer bundle there, as its source tells of it. */
export type Offer = Known<RowOf<'update_offers'>, 'file_name' | 'notes' | 'state' | 'received'>

/** What of a controller, or of the server (null), an update is about. */
export interface Target {
  id: number | null
  public_id: string
  name: string
  software: string | null
}

export async function listBundles(): Promise<Bundle[]> {
  return rowsOf<Bundle[]>(await (await rest()).from('update_bundles').select('*').order('id', { ascending: false }))
}

export async function findBundle(by: { id: number } | { sha256: string }): Promise<Bundle | null> {
  return rowsOf<Bundle[]>(await (await rest()).from('update_bundles').select('*').match(by))[0] ?? null
}

export async function deleteBundle(id: number) {
  rowsOf(await (await rest()).from('update_bundles').delete().eq('id', id))
}

export async function listTargets(): Promise<Target[]> {
  return rowsOf<Target[]>(await (await rest()).from('controllers').select('id,public_id,name,software').order('name'))
}

/** The newest first. */
export async function listUpdates(of: { id?: number; controller_id?: number; bundle_id?: number }, most = 100): Promise<Update[]> {
  const query = (await rest()).from('updates').select('*').match(of)
  return rowsOf<Update[]>(await query.order('id', { ascending: false }).limit(most))
}

export async function listSteps(updateId: number): Promise<Step[]> {
  return rowsOf<Step[]>(await (await rest()).from('update_steps').select('*').eq('update_id', updateId).order('id'))
}

export async function beginUpdate(bundleId: number, controllerId: number | null) {
  rowsOf(await (await rest()).from('updates').insert({ bundle_id: bundleId, controller_id: controllerId }))
}

export type Deed = 'approve_update' | 'withdraw_update' | 'roll_back_update'

export async function act(deed: Deed, updateId: number) {
  rowsOf(await (await rest()).rpc(deed, { update_id: updateId }))
}

/** Null: no sidecar has said it yet. */
export async function readSource(): Promise<Source | null> {
  return rowsOf<Source[]>(await (await rest()).from('update_source').select('*'))[0] ?? null
}

export async function listOffers(): Promise<Offer[]> {
  return rowsOf<Offer[]>(await (await rest()).from('update_offers').select('*').order('id'))
}

const post = <Answer>(path: string) => fetchJson<Answer>(path, { method: 'POST' }, fetchAsPerson)

/** Looks there now. */
export const checkSource = () => post<Source>('/ota/check')

/** Begins; how far it is the offer says. */
export const fetchOffer = (id: number) => post(`/ota/offers/${id}/fetch`)
