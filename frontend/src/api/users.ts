import { rest, rowsOf, type Known, type RowOf } from './rest'
import type { Database } from './schema'

export type User = Known<RowOf<'users'>, 'public_id' | 'username' | 'role' | 'state' | 'created_at'>
export type UserChange = Database['api']['Views']['users']['Update']

/** A secret with which somebody sets a password, once; it is shown this once. */
export interface OneTimeSecret {
  secret: string
  expires_at: string
}

export async function addUser(values: UserChange): Promise<User> {
  const added = (await rest()).from('users').insert(values).select('*')
  return rowsOf<User[]>(await added)[0]!
}

export async function changeUser(id: number, values: UserChange) {
  rowsOf(await (await rest()).from('users').update(values).eq('id', id))
}

export async function deleteUser(id: number) {
  rowsOf(await (await rest()).from('users').delete().eq('id', id))
}

/** One that was made before counts no more. */
export async function makeOneTimeSecret(publicId: string): Promise<OneTimeSecret> {
  return rowsOf<OneTimeSecret>(await (await rest()).rpc('reset_password', { user_public_id: publicId }))
}

/** Where the secret is used. It stands behind #, which browsers send to no server. */
export const addressFor = ({ secret }: OneTimeSecret) => `${location.origin}/reset#${secret}`
