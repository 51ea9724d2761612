import { components } from '../src/components/manifest.ts'
import { configJsonSchema } from '../src/config/json-schema.ts'
import { metricsReference } from '../src/telemetry/metrics-reference.ts'
import { configReference } from './generate-config-reference.ts'
import { errorReference } from './generate-error-reference.ts'
import { formatGolden } from './generate-format-golden.ts'

/** Every generated file with its text, by its path in the project. */
export function generatedFiles(): Map<string, string> {
  return new Map([
    ['agent.config.schema.json', `${JSON.stringify(configJsonSchema(components), null, 2)}\n`],
    ['docs/config.md', configReference(components)],
    ['docs/errors.md', errorReference()],
    ['docs/metrics.md', metricsReference()],
    ['test/fixtures/formats/golden.json', formatGolden()],
  ])
}
