import { access } from './access'
import { account, password, reset, signIn } from './accounts'
import { alarms } from './alarms'
import { audit } from './audit'
import { chart } from './chart'
import { controllers, instances } from './controllers'
import { control, dashboards, eventChoice } from './dashboards'
import { events } from './events'
import { experiments } from './experiments'
import { explore } from './explore'
import { form } from './form'
import { interlocks } from './interlocks'
import { list } from './list'
import { logs } from './logs'
import { packages } from './packages'
import { plural } from './plural'
import { range } from './range'
import { rules } from './rules'
import { search } from './search'
import { shell } from './shell'
import { system } from './system'
import { updates } from './updates'
import { users } from './users'
import { webhooks } from './webhooks'

export const en = {
  product: 'WebMACS',
  shell,
  search,
  chart,
  range,
  explore,
  experiments,
  events,
  list,
  form,
  dashboards,
  eventChoice,
  control,
  alarms,
  rules,
  webhooks,
  logs,
  controllers,
  instances,
  interlocks,
  packages,
  updates,
  users,
  access,
  audit,
  system,
  reset,
  signIn,
  header: {
    skip: 'Skip to content',
    signOut: 'Sign out',
    light: 'Switch to light',
    dark: 'Switch to dark',
    roles: { viewer: 'viewer', operator: 'operator', admin: 'administrator' } as Record<string, string>,
  },
  account,
  password,
  session: {
    ended: 'Your session has ended. Please sign in again.',
  },
  connection: {
    idle: 'Not connected',
    connecting: 'Connecting…',
    live: 'Live',
    polling: 'Every 2 s',
    lost: 'Connection lost',
    bannerLost: 'Connection lost. The values below are the last ones received and may be out of date.',
    bannerPolling: 'No live connection. Values are fetched every 2 seconds instead.',
    retryIn: (seconds: number) => `Next try in ${seconds} s.`,
    retrying: 'Trying now…',
    retryNow: 'Try now',
  },
  problem: {
    unreachable: 'The server cannot be reached. Check that it runs and that this device has a network.',
    unexpected: (status: number) => `The server answered in an unexpected way (status ${status}).`,
    badConfig: 'The server gave no usable app-config.json, so the page does not know where the data is.',
    missing: (column: string) => `${column} is missing.`,
    retry: 'Try again',
  },
  overview: {
    title: 'Overview',
    noArea: 'Other',
    loading: 'Loading events…',
    emptyTitle: 'No events yet',
    empty: 'An event is one measured or commanded value. Events appear here by themselves as soon as a controller sends its first values.',
    events: (n: number) => plural(n, 'event', 'events'),
    stale: (n: number) => `${n} stale`,
    notGood: (n: number) => `${n} not good`,
    controllers: {
      none: 'No controller has been made known yet.',
      since: (time: string) => `for ${time}`,
      seen: (when: string) => `last seen ${when}`,
    },
    experiments: {
      title: 'Running experiments',
      none: 'None is running.',
      since: (time: string) => `for ${time}`,
    },
  },
  reading: {
    none: 'no value yet',
    stale: 'stale',
    disconnected: 'not live',
    above: 'above range',
    below: 'below range',
    trendOf: (name: string) => `Recent trend of ${name}`,
  },
  quality: {
    good: 'good',
    simulated: 'simulated',
    uncertain: 'uncertain',
    bad: 'bad',
    reasons: {
      216: 'entered by hand',
      84: 'out of range',
      100: 'clock not set',
      4: 'wrong setting',
      8: 'not connected',
      16: 'sensor fault',
      24: 'no communication',
    } as Record<number, string>,
    simulatedLetter: 'S',
    uncertainLetter: 'U',
    badLetter: 'B',
    label: (word: string) => `Quality: ${word}`,
  },
  age: {
    now: 'now',
    ago: (span: string) => `${span} ago`,
  },
  event: {
    title: 'Event',
    back: 'Overview',
    quality: 'Quality',
    archived: 'archived',
    loading: 'Loading…',
    missingTitle: 'No such event',
    missing: 'There is no event with this address, or you may not see it. It may have been renamed, archived or removed.',
    newest: 'Newest values',
    time: 'Time',
    value: 'Value',
    noneLately: 'No values in the last minutes.',
    types: {
      sensor: 'sensor',
      actuator: 'actuator',
      range: 'range',
      cmd_button: 'button',
      cmd_opened: 'open command',
      cmd_closed: 'close command',
    } as Record<string, string>,
  },
  save: {
    what: 'Save what is shown:',
    csv: 'CSV',
    packedCsv: 'CSV, gzip',
    ndjson: 'NDJSON',
    columns: (step: string) => `CSV, a column each, every ${step}`,
    saving: 'Saving…',
    cancel: 'Cancel',
    brokenOff: 'The file broke off before its end. Nothing was saved.',
  },
  notFound: {
    title: 'There is no such page',
    text: (path: string) => `Nothing is found at ${path}. The address may be mistyped, or the page has moved.`,
    near: 'Perhaps it was one of these:',
    search: 'Whatever has a name is found by the search: Ctrl K, or the magnifying glass above.',
    overview: 'Go to the overview',
    back: 'Go back',
  },
}
