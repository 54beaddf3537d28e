import { css, Theme } from '@primeuix/styled'
import type { Plugin } from 'vite'
import { preset } from '../src/style/prime'

const STYLES = '@primeuix/styles/'
const STYLE_ELEMENTS = '@primevue/core/usestyle'
const MODULE = '\0prime:'
const SHEET = '/__prime/'

/** Nothing moves that need not; these classes are PrimeVue's, of the moments when a part comes and goes. */
const STILL = '[class*="-enter-active"],[class*="-leave-active"]{transition:none!important;animation:none!important}'

async function sheetOf(name: string): Promise<string> {
  const { style } = (await import(STYLES + name)) as { style: string }
  const rules = Theme.transformCSS(`${name}-style`, css`${style}` ?? '') ?? ''
  if (rules.includes('dt(')) throw new Error(`A design token of ${name} has no value.`)
  if (name !== 'base') return ((Theme.getComponent(name, {}) as { css?: string }).css ?? '') + rules
  const { primitive, semantic } = Theme.getCommon('base', {})
  return [primitive.css, semantic.css, rules, STILL].join('')
}

/**
 * PrimeVue's style sheets, made here and not in the browser: PrimeVue would put <style> elements into the page, which
 * our Content-Security-Policy forbids, and rightly so, for whoever can put a style there can read what is shown. A part
 * that is imported brings its sheet along as a file, so a view pays for the parts that it uses.
 */
export function primeCss(): Plugin {
  Theme.setTheme({ preset, options: { prefix: 'p', darkModeSelector: 'none', cssLayer: false } })
  return {
    name: 'prime-css',
    enforce: 'pre',
    resolveId(id) {
      if (id.startsWith(STYLES) || id === STYLE_ELEMENTS) return MODULE + id
      return id.startsWith(SHEET) ? id : null
    },
    async load(id) {
      if (id === MODULE + STYLE_ELEMENTS) return 'export const useStyle = () => ({})'
      if (id.startsWith(MODULE)) {
        const name = id.slice((MODULE + STYLES).length)
        return `import '${SHEET}${name}.css'\nexport const style = ''`
      }
      if (id.startsWith(SHEET)) return sheetOf(id.slice(SHEET.length, -'.css'.length))
    },
  }
}
