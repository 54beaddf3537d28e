/** Does the work for each item, at most `most` at once, and gives the results in the order of the items. */
export async function atMost<Item, Result>(most: number, items: readonly Item[], work: (item: Item) => Promise<Result>) {
  const results: Result[] = []
  const waiting = items.entries()
  async function takeTurns() {
    for (const [i, item] of waiting) results[i] = await work(item)
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, takeTurns))
  return results
}
