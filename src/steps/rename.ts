import { z } from 'zod'
import { fieldName } from './field-names.ts'
import { defineStep } from './step.ts'

/** Renaming something to what lies within it, or to what it lies within, has no result that anybody means. */
const areNested = (a: string, b: string): boolean => b.startsWith(`${a}.`) || a.startsWith(`${b}.`)

export const renameStep = defineStep({
  type: 'rename',
  summary: 'Gives members other names: `{ "old": "new" }`. What was called so before is replaced.',
  schema: z.record(fieldName, fieldName).superRefine((names, context) => {
    const seen = new Map<string, string>()
    for (const [from, to] of Object.entries(names)) {
      const other = seen.get(to)
      seen.set(to, from)
      const problem =
        from === to
          ? 'the member is called so already'
          : areNested(from, to)
            ? `"${from}" and "${to}" lie within one another`
            : other === undefined
              ? undefined
              : `"${other}" is renamed to "${to}" too`
      if (problem !== undefined) context.addIssue({ code: 'custom', path: [from], message: problem })
    }
    if (seen.size === 0) context.addIssue({ code: 'custom', message: 'must not be empty' })
  }),
  create(names) {
    const pairs = Object.entries(names)
    return {
      apply(event) {
        for (const [from, to] of pairs) event.rename(from, to)
        return true
      },
    }
  },
  simple: (names) => ({ kind: 'rename', pairs: Object.entries(names) }),
})
