import { ref, watch } from 'vue'

export type Theme = 'light' | 'dark'

const KEY = 'webmacs.theme'

function initial(): Theme {
  const chosen = localStorage.getItem(KEY)
  if (chosen === 'light' || chosen === 'dark') return chosen
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** Light or dark; follows the system until someone chooses. */
export const theme = ref<Theme>(initial())

watch(theme, (chosen) => (document.documentElement.dataset.theme = chosen), { immediate: true, flush: 'sync' })

export function switchTheme() {
  theme.value = theme.value === 'dark' ? 'light' : 'dark'
  localStorage.setItem(KEY, theme.value)
}

/** Paper is white, and what is drawn on it has to be dark. */
let onScreen: Theme = theme.value
addEventListener('beforeprint', () => {
  onScreen = theme.value
  theme.value = 'light'
})
addEventListener('afterprint', () => (theme.value = onScreen))
