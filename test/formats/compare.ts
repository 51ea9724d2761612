export const rounded = (values: Iterable<[string, number]>): Record<string, number> =>
  Object.fromEntries([...values].map(([name, value]) => [name, Number(value.toFixed(9))]))
/** Objects from elsewhere have their members in another order. */
export const sortKeys = (value: object): object =>
  Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, one]) => [name, typeof one === 'object' ? sortKeys(one) : one]),
  )
export const sortedByPlace = <Item extends { document: Record<string, unknown> }>(items: Item[]): Item[] => {
  const place = ({ document: one }: Item): string =>
    `${String(one['log.file.path'])} ${1e6 + Number(one['log.offset'])}`
  return items.toSorted((a, b) => (place(a) < place(b) ? -1 : 1))
}
