import { rest, rowsOf, type Known, type RowOf } from './rest'
import { sendFile } from './send-file'

export type Package = Known<RowOf<'plugin_packages'>, 'name' | 'version' | 'size' | 'summary' | 'author' | 'created_at'>

/** That a controller is to have a package, and what has become of it. */
export type Assignment = Known<RowOf<'plugin_package_assignments'>, 'controller_id' | 'package_id' | 'name' | 'state'>

export async function listAssignments(controllerId?: number): Promise<Assignment[]> {
  const query = (await rest()).from('plugin_package_assignments').select('*')
  return rowsOf<Assignment[]>(await (controllerId === undefined ? query : query.eq('controller_id', controllerId)).order('name'))
}

export async function listPackages(): Promise<Package[]> {
  return rowsOf<Package[]>(await (await rest()).from('plugin_packages').select('*').order('name').order('id'))
}

export async function listControllerNames(): Promise<{ id: number; name: string }[]> {
  return rowsOf<{ id: number; name: string }[]>(await (await rest()).from('controllers').select('id,name').order('name'))
}

/** Instead of another version that the controller has, if it has one. */
export async function assign({ id }: Package, controllerId: number, instead: Assignment | undefined) {
  const assignments = (await rest()).from('plugin_package_assignments')
  const values = { controller_id: controllerId, package_id: id }
  rowsOf(await (instead === undefined ? assignments.insert(values) : assignments.update({ package_id: id }).eq('id', instead.id)))
}

export async function takeAway(assignmentId: number) {
  rowsOf(await (await rest()).from('plugin_package_assignments').delete().eq('id', assignmentId))
}

export async function deletePackage(id: number) {
  rowsOf(await (await rest()).from('plugin_packages').delete().eq('id', id))
}

/** What a header can carry. A wheel's name is ASCII; any other the server refuses by its name. */
const asHeader = (name: string) => name.replace(/[^ -~]/g, '_')

/** Base64 of a text, as the header File-Signature takes it. */
const encoded = (text: string) => btoa(String.fromCharCode(...new TextEncoder().encode(text)))

/** Sends a wheel, with what its author has signed; says how much of it has left. */
export async function uploadPackage(wheel: File, signature: File | null, onProgress: (share: number) => void) {
  const signed: Record<string, string> = signature === null ? {} : { 'File-Signature': encoded(await signature.text()) }
  return sendFile<Package>('/plugins/packages', wheel, { 'File-Name': asHeader(wheel.name), ...signed }, onProgress)
}
