import { operatorParts, type OperatorPart } from '../operator/operator-parts.ts';
import { VERSION } from '../version.ts';
import { yamlText } from '../yaml-text.ts';
import { CHART_README } from './chart-readme.ts';
import { NOTES } from './notes.ts';
import {
  asTemplate,
  EACH_REFERENCE,
  NAMESPACE_REFERENCE,
  referencedPath,
  valueReferences,
} from './reference.ts';
import { valuesJsonSchema, valuesYaml } from './values-files.ts';

/** All files of the Helm chart, by their paths inside of it. */
export function chartFiles(): Readonly<Record<string, string>> {
  const parts = operatorParts({ values: valueReferences(), namespace: NAMESPACE_REFERENCE });
  return {
    'Chart.yaml': chartYaml(),
    'README.md': CHART_README,
    'values.yaml': valuesYaml(),
    'values.schema.json': valuesJsonSchema(),
    'templates/NOTES.txt': NOTES,
    ...Object.fromEntries(parts.map((part) => [`templates/${part.name}.yaml`, template(part)])),
  };
}

function chartYaml(): string {
  return yamlText([
    {
      apiVersion: 'v2',
      name: 'tidemark',
      description: 'The operator of Tidemark: moving averages over streaming stock trades',
      type: 'application',
      version: VERSION,
      appVersion: VERSION,
      kubeVersion: '>=1.29.0-0',
    },
  ]);
}

function template({ when = [], unless = [], each, objects }: OperatorPart): string {
  const conditions = [
    ...when.map((value) => pathOf(value)),
    ...unless.map((value) => `not ${pathOf(value)}`),
  ];
  const text =
    each === undefined
      ? asTemplate(yamlText(objects()))
      : block(`range ${pathOf(each)}`, `---\n${asTemplate(yamlText(objects(EACH_REFERENCE)), '$')}`);
  if (conditions.length === 0) return text;
  const [first, ...more] = conditions;
  return block(
    more.length === 0 ? `if ${first}` : `if and ${conditions.map((each) => `(${each})`).join(' ')}`,
    text,
  );
}

function block(action: string, text: string): string {
  return `{{- ${action} }}\n${text}{{- end }}\n`;
}

function pathOf(value: unknown): string {
  const path = referencedPath(value);
  if (path === undefined) throw new Error('A part of the chart depends on what is no value of it.');
  return path;
}
