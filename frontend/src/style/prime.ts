import { definePreset } from '@primeuix/styled'
import Aura from '@primeuix/themes/aura'

const SHADES = [50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950] as const

/** From the lightest use (a surface) to the darkest (ink), in the words of tokens.css, which knows light and dark. */
const GREYS = [
  '--surface-raised', '--surface-raised', '--line', '--line', '--line-strong', '--line-strong',
  '--ink-faint', '--ink-soft', '--ink-soft', '--ink', '--ink',
] as const

const greys = Object.fromEntries(SHADES.map((shade, i) => [shade, `var(${GREYS[i]})`]))
const accents = Object.fromEntries(SHADES.map((shade) => [shade, 'var(--accent)']))

/** No part brings colours of its own: green, red and amber would say something that only alarms may say. */
const palettes = Object.keys(Aura.primitive ?? {}).filter((name) => name !== 'borderRadius')
const radius = Object.fromEntries(['none', 'xs', 'sm', 'md', 'lg', 'xl'].map((size) => [size, 'var(--radius)']))

const focused = { focusRing: { color: 'var(--accent)' } }
const surface = { background: 'var(--surface-raised)', borderColor: 'var(--line-strong)', color: 'var(--ink)' }
const item = {
  color: 'var(--ink)',
  focusBackground: 'var(--line)',
  focusColor: 'var(--ink)',
  activeBackground: 'var(--line)',
  activeColor: 'var(--ink)',
  icon: { color: 'var(--ink-faint)', focusColor: 'var(--ink)', activeColor: 'var(--ink)' },
}

/** PrimeVue's design tokens, each of them one of ours. Ours change with the theme, so there is one scheme here. */
export const preset = definePreset(Aura, {
  primitive: { borderRadius: radius, ...Object.fromEntries(palettes.map((name) => [name, greys])) },
  components: {
    button: { colorScheme: { light: { root: { primary: focused, secondary: focused, contrast: focused } } } },
  },
  semantic: {
    transitionDuration: '0s',
    mask: { transitionDuration: '0s' },
    focusRing: { width: '2px', style: 'solid', color: 'var(--accent)', offset: '2px' },
    primary: accents,
    formField: { paddingX: 'var(--space-3)', paddingY: 'var(--space-2)' },
    overlay: {
      select: { shadow: 'var(--shadow)' },
      popover: { shadow: 'var(--shadow)', padding: 'var(--space-3)' },
      modal: { shadow: 'var(--shadow)', padding: 'var(--space-5)' },
      navigation: { shadow: 'var(--shadow)' },
    },
    colorScheme: {
      light: {
        surface: { 0: 'var(--surface-raised)', ...greys },
        primary: {
          color: 'var(--accent)',
          contrastColor: 'var(--on-accent)',
          hoverColor: 'var(--accent)',
          activeColor: 'var(--accent)',
        },
        highlight: {
          background: 'var(--ink-soft)',
          focusBackground: 'var(--ink-soft)',
          color: 'var(--surface-raised)',
          focusColor: 'var(--surface-raised)',
        },
        mask: { background: 'var(--mask)', color: 'var(--ink)' },
        formField: {
          background: 'var(--surface-raised)',
          disabledBackground: 'var(--surface)',
          borderColor: 'var(--line-strong)',
          hoverBorderColor: 'var(--accent)',
          focusBorderColor: 'var(--accent)',
          invalidBorderColor: 'var(--ink)',
          color: 'var(--ink)',
          disabledColor: 'var(--ink-faint)',
          placeholderColor: 'var(--ink-faint)',
          iconColor: 'var(--ink-soft)',
          shadow: 'none',
        },
        text: { color: 'var(--ink)', hoverColor: 'var(--ink)', mutedColor: 'var(--ink-faint)', hoverMutedColor: 'var(--ink-soft)' },
        content: { background: 'var(--surface)', hoverBackground: 'var(--line)', borderColor: 'var(--line)', color: 'var(--ink)' },
        overlay: { select: surface, popover: surface, modal: surface },
        list: { option: { ...item, selectedBackground: 'var(--ink-soft)', selectedColor: 'var(--surface-raised)' } },
        navigation: { item },
      },
    },
  },
})
