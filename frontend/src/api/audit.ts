import { rest, rowsOf, type Known, type RowOf } from './rest'

export type AuditEntry = Known<RowOf<'audit_log'>, 'changed_at' | 'actor' | 'role' | 'table_name' | 'operation'>
export type Seal = Known<RowOf<'audit_seals'>, 'sealed_at' | 'entries' | 'hash'>

/** Whether the audit log is still what was sealed. */
export interface Verified {
  seals: number
  entries: number
  unsealed: number
  /** Sentences; none: it is. */
  problems: string[]
}

export async function readNewestSeal(): Promise<Seal | null> {
  const answer = await (await rest()).from('audit_seals').select('*').order('id', { ascending: false }).limit(1)
  return rowsOf<Seal[]>(answer)[0] ?? null
}

export async function verifyAudit(): Promise<Verified> {
  return rowsOf<Verified>(await (await rest()).rpc('verify_audit', {}))
}
