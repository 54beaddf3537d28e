/** So much of a word tells which one was meant. */
const STEM = 4

const wordsOf = (text: string) => text.toLowerCase().match(/\p{L}+/gu) ?? []

/** Whether an address has a word that begins as one of a title does. */
export function looksLike(path: string, title: string): boolean {
  const stems = wordsOf(title).filter((word) => word.length >= STEM)
  return wordsOf(path).some((word) => word.length >= STEM && stems.some((one) => one.slice(0, STEM) === word.slice(0, STEM)))
}
