import { describe, expect, it } from 'vitest'
import { problemOf } from '@/api/problem'
import { entryOf, fieldOf, inWordsOf, placeWithin, stepOf, toSend, type Field, type Value } from './field'
import { settingsField, splitSettings, withStored, type JsonSchema } from './json-schema'
import shipped from './shipped-schemas.json'

/** What the shipped plugins say of themselves; tests/controller/test_page_schemas.py keeps it as they are. */
const SCHEMAS = shipped as unknown as Record<string, JsonSchema>
const settings = (plugin: string) => settingsField('config', 'Settings', SCHEMAS[plugin]!)
const part = (of: Field, ...names: string[]): Field =>
  names.reduce((field, name) => (name === '[]' ? field.item! : field.fields!.find((one) => one.name === name)!), of)
const sent = (field: Field, value: unknown) => toSend(entryOf(value, field), field)

describe('fields of the shipped plugins', () => {
  it.each([
    ['simulated', ['Program', 'Noise', 'Seed']],
    ['system', ['Disk path']],
    ['revpi', ['Select', 'Watchdog', 'Pictory file', 'Process image', 'Devices', 'Outputs', 'Channels']],
    ['valve_cycling', ['Open value', 'Closed value', 'Seconds open', 'Seconds closed', 'Valve']],
  ])('%s has them in its order, what is long at the end', (plugin, labels) => expect(settings(plugin).fields!.map(({ label }) => label)).toEqual(labels))

  it.each<[string, string[], Partial<Field>]>([
    ['simulated', ['program'], { kind: 'check', initial: true }],
    ['simulated', ['noise'], { kind: 'number', min: 0, max: 100, initial: 1, required: false }],
    ['modbus', ['timeout_seconds'], { kind: 'number', unit: 's', help: 'For one answer; 0.05 to 10.' }],
    ['modbus', ['channels'], { kind: 'list', required: true }],
    ['modbus', ['channels', '[]', 'table'], { kind: 'choice', coded: true, required: true }],
    ['modbus', ['channels', '[]', 'unit_id'], { kind: 'number', empty: 'null' }],
    ['mqtt', ['password'], { kind: 'password', empty: 'omitted' }],
    ['mqtt', ['channels', '[]', 'max_age_seconds'], { kind: 'number', help: 'Without news for longer the value is bad; none: it stays; at most 604800; more than 0.' }],
    ['revpi', ['devices', '[]'], { kind: 'text' }],
    ['valve_cycling', ['valve'], { kind: 'group', required: true }],
  ])('%s: %o', (plugin, names, expected) => expect(part(settings(plugin), ...names)).toMatchObject(expected))

  it.each(Object.keys(SCHEMAS))('all of %s can be drawn', (plugin) => {
    const kinds = (field: Field): unknown[] => [field.kind, ...[...(field.fields ?? []), ...(field.item ? [field.item] : [])].flatMap(kinds)]
    expect(kinds(settings(plugin))).not.toContain('json')
  })
})

describe('what is sent', () => {
  it.each<[string, Value, Value]>([
    ['simulated', {}, { program: true, noise: 1, seed: 1 }],
    ['simulated', { seed: 5 }, { program: true, noise: 1, seed: 5 }],
    ['system', {}, { disk_path: '/' }],
    ['revpi', { devices: ['a'] }, { select: 'exported', devices: ['a'], outputs: [], channels: [], watchdog: false, pictory_file: '', process_image: '/dev/piControl0' }],
  ])('%s with %o: %o', (plugin, given, whole) => expect(sent(settings(plugin), given)).toEqual(whole))

  it('keeps numbers that are chosen', () => {
    const { stop_bits: bits } = sent(settings('modbus'), { stop_bits: 2, channels: [] }) as Record<string, Value>
    expect(bits).toBe(2)
  })

  it('leaves out what has no value, and says null where that is one', () => {
    const channel = part(settings('mqtt'), 'channels', '[]')
    const said = toSend({ ...(entryOf(undefined, channel) as object), id: 'a', min: '' }, channel) as Record<string, Value>
    expect(said).toMatchObject({ id: 'a', name: '', on: 'ON', safe_value: null, qos: 0 })
    expect(said).not.toHaveProperty('min')
  })

  it('puts secrets apart, and does not touch those that are stored', () => {
    const field = withStored(settings('mqtt'), ['password'])
    const entered = entryOf({ host: 'broker', channels: [] }, field) as Record<string, unknown>
    const apart = (password: unknown) =>
      splitSettings(SCHEMAS.mqtt!, toSend({ ...entered, password }, field) as Record<string, Value>).secrets
    expect([apart(undefined), apart(''), apart('new'), apart(null)]).toEqual([{}, {}, { password: 'new' }, { password: null }])
  })

  it('takes any JSON where nothing is described', () => {
    const field = settingsField('config', 'Settings', null)
    expect(sent(field, { a: [1] })).toEqual({ a: [1] })
    expect(() => toSend('{a', field)).toThrow('config must be JSON.')
  })
})

describe('where a message belongs', () => {
  const modbus = settings('modbus')
  const about = (message: string) => problemOf(400, { message, code: '23514', details: null, hint: null })

  it.each([
    ['config.port must be a whole number from 1 to 65535.', '.port', 'Port must be a whole number from 1 to 65535.'],
    ['config.channels[2].address must be a whole number from 0 to 65535.', '.channels[2].address', 'Address must be a whole number from 0 to 65535.'],
    ['config.channels must be a list of 1 to 5000 items.', '.channels', 'Channels must be a list of 1 to 5000 items.'],
    ['config.channels[0].id must be given: a text.', '.channels[0].id', 'Id must be given: a text.'],
    ['config.nothing is not known; allowed are host.', '.nothing', 'Settings nothing is not known; allowed are host.'],
    ['config must have at most 200000 characters', '', 'Settings must have at most 200000 characters'],
  ])('%s', (message, place, words) => {
    expect(fieldOf(about(message), [modbus])).toBe(modbus)
    expect(placeWithin(message, modbus)).toBe(place)
    expect(inWordsOf([modbus], message)).toBe(words)
  })

  it.each([
    ['.channels[0].address', 'channels', '[0].address'],
    ['[12].a', '12', '.a'],
    ['', null, ''],
  ])('%s begins with %s', (place, step, rest) => expect(stepOf(place)).toEqual([step, rest]))
})
