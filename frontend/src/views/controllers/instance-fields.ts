import { Problem } from '@/api/problem'
import type { Controller, Instance } from '@/api/controllers'
import type { InstanceChange } from '@/api/plugins'
import type { Field, Value, Values } from '@/shared/form/field'
import { settingsField, splitSettings, withStored, type JsonSchema } from '@/shared/form/json-schema'
import { words } from '@/words'

const say = words.instances

const GENERAL: readonly Field[] = [
  { name: 'name', label: say.name, help: say.nameHelp, required: true },
  { name: 'interval_seconds', label: say.interval, help: say.intervalHelp, kind: 'number', unit: 's', required: true },
  { name: 'enabled', label: say.enabled, help: say.enabledHelp, kind: 'check' },
  { name: 'demo_mode', label: say.demoMode, help: say.demoModeHelp, kind: 'check' },
]

/** The form of an instance, drawn from what its plugin says of its settings. */
export function fieldsOfInstance(schema: JsonSchema | null, stored: readonly string[]): Field[] {
  return [...GENERAL, withStored(settingsField('config', say.ofPlugin, schema), stored)]
}

export const valuesOfInstance = ({ name, interval_seconds, enabled, demo_mode, config }: Instance): Values => ({
  name,
  interval_seconds,
  enabled,
  demo_mode,
  config: (config ?? {}) as Value,
})

/** What is written: what may be read apart from what is only written. */
export function instanceChange(schema: JsonSchema | null, { config, ...general }: Values): InstanceChange {
  return { ...general, ...splitSettings(schema, config as Record<string, Value>) }
}

/** Secrets stand among the other settings, whatever the database calls their place. */
export async function asOneForm(write: Promise<unknown>) {
  await write.catch((problem: unknown) => {
    if (!(problem instanceof Problem)) throw problem
    throw new Problem(problem.message.replace(/^secrets\./, 'config.'), problem.status, problem.hint, problem.code)
  })
}

export const savedWords = ({ connected_at: connected }: Controller) => (connected === null ? say.savedAway : say.saved)
