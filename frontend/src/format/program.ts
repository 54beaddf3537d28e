import { words } from '@/words'

// The order matters: most browsers also say that they are the ones below them.
const BROWSERS: [RegExp, string][] = [
  [/\bEdg\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\//, 'Firefox'],
  [/Chrom(?:e|ium)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone|\biPad/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

const named = (agent: string, known: [RegExp, string][]) => known.find(([pattern]) => pattern.test(agent))?.[1]

/** Which program somebody signed in with, as people call it; one that is no browser as it calls itself. */
export function programOf(agent: string | null): string {
  if (agent === null) return words.account.unknownAgent
  const [browser, system] = [named(agent, BROWSERS), named(agent, SYSTEMS)]
  if (!agent.startsWith('Mozilla/') || browser === undefined) return agent
  return system === undefined ? browser : words.account.browserOn(browser, system)
}
