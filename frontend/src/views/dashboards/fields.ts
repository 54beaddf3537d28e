import type { Field } from '@/shared/form/field'
import { words } from '@/words'
import { mayShare } from './rights'

const { dashboards: said } = words

/** Whether it is shared is asked only of who may share. */
export const fieldsFor = (role: string | undefined): Field[] => [
  { name: 'name', label: said.name, help: said.nameHelp, required: true },
  ...(mayShare(role) ? [{ name: 'shared', label: said.shared, help: said.sharedHelp, kind: 'check' } as const] : []),
]
