/** Commands of the contract that this version does not have. They say so and end with status 2. */
export const unbuiltCommands: readonly { readonly name: string; readonly summary: string }[] = [
  { name: 'convert', summary: 'Makes a config of that of another agent.' },
  { name: 'adopt', summary: 'Takes over the read positions of another agent.' },
]
