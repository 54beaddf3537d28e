import { expect, it } from 'vitest'
import type { StandingController } from '@/api/controllers'
import { healthOf } from './controller-health'

const NOW = Date.parse('2026-11-30T12:00:00Z') / 1000
const WELL = { name: 'Reactor', enabled: true, status: 'connected', status_detail: null, setting_error: null }
const controller = (other: Partial<StandingController>): StandingController => ({
  id: 1,
  public_id: 'a',
  name: 'line 1',
  enabled: true,
  connected_at: '2026-11-30T09:00:00Z',
  last_seen_at: '2026-11-30T09:00:00Z',
  plugin_instances: [WELL],
  ...other,
})

it.each([
  [{}, true, 'connected for 3 h'],
  [{ connected_at: null }, false, 'not connected, last seen 3 h ago'],
  [{ connected_at: null, last_seen_at: null }, false, 'has never connected'],
  [{ enabled: false, connected_at: null }, true, 'disabled'],
])('of %o: well %s, %s', (other, well, state) => expect(healthOf(controller(other), NOW)).toMatchObject({ well, state, faults: [] }))

it.each([
  [{ status: 'error', status_detail: 'no answer from 10.0.0.7' }, ['Reactor: no answer from 10.0.0.7']],
  [{ status: 'error' }, ['Reactor: fault']],
  [{ setting_error: 'config.host is missing' }, ['Reactor: config.host is missing']],
  [{ status: 'error', enabled: false }, []],
  [{ status: 'demo' }, []],
])('of an instance with %o the faults are %o', (instance, faults) =>
  expect(healthOf(controller({ plugin_instances: [{ ...WELL, ...instance }] }), NOW)).toMatchObject({ well: !faults.length, faults }),
)
