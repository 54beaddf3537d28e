import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8')
const SURFACES = ['canvas', 'surface', 'surface-raised']
const PRIORITIES = [1, 2, 3, 4]

function tokensOf(theme: string): Record<string, string> {
  const block = css.split(`:root[data-theme='${theme}'] {`)[1]!.split('}')[0]!
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]))
}

/** Relative luminance, as WCAG 2 defines it. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light! + 0.05) / (dark! + 0.05)
}

const THEMES = ['light', 'dark']

describe.each(THEMES)('inks, %s', (theme) => {
  const token = tokensOf(theme)

  it.each(['ink', 'ink-soft', 'ink-faint'])('%s can be read on every surface', (ink) => {
    for (const surface of SURFACES) expect(contrast(token[ink]!, token[surface]!)).toBeGreaterThanOrEqual(4.5)
  })
})

describe.each(THEMES)('alarm colours, %s', (theme) => {
  const token = tokensOf(theme)

  it.each(PRIORITIES)('priority %d stands out from every surface', (priority) => {
    for (const surface of SURFACES) expect(contrast(token[`alarm-${priority}-edge`]!, token[surface]!)).toBeGreaterThanOrEqual(3)
  })

  it.each(PRIORITIES)('what is written on priority %d can be read', (priority) =>
    expect(contrast(token[`on-alarm-${priority}`]!, token[`alarm-${priority}`]!)).toBeGreaterThanOrEqual(4.5),
  )
})
