/** A design token as the canvas needs it; read anew at each drawing, so that light and dark follow. */
export const token = (name: string) => () => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** The token of a colour (#rrggbb), as clear as this, from 0 to 1. */
export function faded(name: string, clear: number) {
  const read = token(name)
  return () => {
    const byte = Math.round(255 * clear)
    return read() + byte.toString(16).padStart(2, '0')
  }
}
