/** How servers name the field that a refusal is about. The field is quoted once, in front of pieces of the event. */
const forms: readonly RegExp[] = [
  /^(?:\w+: )?(?:\[\d+:\d+\] )?failed to parse field \[(.+?)\] of type \[/,
  /dynamic introduction of \[(.+?)\] within \[/,
  /object mapping for \[(.+?)\] tried to parse/,
  /Could not dynamically add mapping for field \[(.+?)\]\./,
  /mapper \[(.+?)\] cannot be changed from type/,
  /[Ee]xisting mapping for \[(.+?)\] must be of type/,
  /a non object mapping \[(.+?)\] with an object mapping/,
  /an object mapping \[(.+?)\] with a non object mapping/,
  /immense term in field="(.+?)" \(/,
  /timestamp field (?:\[(@?\w+)\]|'(@?\w+)')/,
  /depth \[\d+\] has been exceeded due to object field \[(.+?)\]/,
  /Duplicate field '(.+?)'/,
  /stream '.*' has (?:label name|label value) too long: '(.+?)'/s,
  /makes object resolution ambiguous: \[(.+?)\]/,
]

/** The field that the server's text names, '' where it names none. */
export function fieldNamed(serverText: string): string {
  for (const form of forms) {
    const match = form.exec(serverText)
    if (match) return match[1] ?? match[2] ?? ''
  }
  return ''
}
