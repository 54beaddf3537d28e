import { expect, it } from 'vitest'
import { healthOf, healthOfInstance, needsAttention } from './health'

const works = { enabled: true, status: 'connected', setting_error: null }
const fails = { ...works, status: 'error' }
const refused = { ...works, setting_error: 'config.port must be a whole number.' }
const here = { enabled: true, connected_at: '2026-01-01T00:00:00Z', last_seen_at: '2026-01-01T00:00:00Z' }

it.each([
  [works, false],
  [fails, true],
  [refused, true],
  [{ ...fails, enabled: false }, false],
  [{ ...works, status: 'unknown' }, false],
  [{ ...works, status: 'stopped' }, true],
])('%o needs attention: %s', (instance, needs) => expect(needsAttention(instance)).toBe(needs))

it.each([
  [here, [works], 'good'],
  [here, [works, fails], 'attention'],
  [{ ...here, connected_at: null }, [works], 'failed'],
  [{ ...here, connected_at: null, last_seen_at: null }, [], 'unknown'],
  [{ ...here, enabled: false }, [fails], 'off'],
])('%o with %o is %s', (controller, instances, kind) => expect(healthOf(controller, instances).kind).toBe(kind))

it.each([
  [works, 'good'],
  [{ ...works, status: 'demo' }, 'good'],
  [refused, 'attention'],
  [fails, 'failed'],
  [{ ...works, status: 'unknown' }, 'unknown'],
  [{ ...fails, enabled: false }, 'off'],
])('the instance %o is %s', (instance, kind) => expect(healthOfInstance(instance).kind).toBe(kind))
