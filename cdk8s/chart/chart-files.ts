import { operatorParts, type OperatorPart } from '../operator/operator-parts.ts';
import { VERSION } from '../version.ts';
import { yamlText } from '../yaml-text.ts';
import { CHART_README } from './chart-readme.ts';
import { NOTES } from './notes.ts';
import { asTemplate, NAMESPACE_REFERENCE, referencedPath, valueReferences } from './reference.ts';
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

function template({ when, objects }: OperatorPart): string {
  const text = asTemplate(yamlText(objects));
  const path = referencedPath(when);
  return path === undefined ? text : `{{- if ${path} }}\n${text}{{- end }}\n`;
}
