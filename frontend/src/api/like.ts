/** What `ilike` takes to find this text anywhere. PostgREST's own wild card, *, cannot be escaped: any one character. */
export function likeOf(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&').replaceAll('*', '_')}%`
}

/** The argument of `or` that finds this text in any of these columns. */
export function inAny(columns: readonly string[], text: string): string {
  const pattern = `"${likeOf(text).replace(/[\\"]/g, '\\$&')}"`
  return columns.map((column) => `${column}.ilike.${pattern}`).join(',')
}
