import { z } from 'zod'
import { parseTemplate, TemplateError } from '../core/template-parts.ts'
import type { TemplatePart } from '../core/template-parts.ts'
import type { AddedMember } from '../parsers/parser.ts'
import { fieldName } from './field-names.ts'
import { textOfFound } from './found.ts'
import { memberText } from './member-text.ts'
import { defineStep } from './step.ts'
import type { StepEvent } from './step-event.ts'

const template = z.string().superRefine((text, context) => {
  try {
    parseTemplate(text)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    context.addIssue({ code: 'custom', message: error.message })
  }
})

const value = z.union([template, z.number(), z.boolean()], {
  error: (issue) =>
    issue.code === 'invalid_union' ? 'expected a string, a number, true or false' : undefined,
})

export const addStep = defineStep({
  type: 'add',
  summary:
    'Adds members, or replaces those of that name. Texts may be templates: `"{service}-{level:-unknown}"`; the type of numbers and booleans is kept.',
  schema: z
    .record(fieldName, value)
    .refine((members) => Object.keys(members).length > 0, 'must not be empty'),
  create(members) {
    const makers = Object.entries(members).map(([name, made]) => ({ name, make: makerOf(name, made) }))
    return {
      apply(event) {
        for (const { name, make } of makers) event.set(name, make(event))
        return true
      },
    }
  },
  simple(config) {
    const members = Object.entries(config).map(([name, made]) => ({ name, member: constantOf(name, made) }))
    const unknown = members.find(({ member }) => member === undefined)
    if (unknown) return { because: `a template for "${unknown.name}"` }
    return { kind: 'add', members: members.flatMap(({ member }) => member ?? []) }
  },
})

/** Undefined for a template. */
function constantOf(name: string, made: string | number | boolean): AddedMember | undefined {
  if (typeof made !== 'string') return { key: name, json: JSON.stringify(made), value: made }
  return parseTemplate(made).every(({ kind }) => kind === 'text') ? memberText(name, made) : undefined
}

function makerOf(name: string, made: string | number | boolean): (event: StepEvent) => AddedMember {
  const member = constantOf(name, made)
  if (member) return () => member
  const parts = parseTemplate(String(made))
  return (event) => memberText(name, parts.map((part) => textOfPart(event, part)).join(''))
}

function textOfPart(event: StepEvent, part: TemplatePart): string {
  if (part.kind === 'text') return part.text
  const text = textOfFound(event.find(part.name))
  return text === undefined || text === '' ? part.fallback : text
}
