import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseAllDocuments, stringify } from 'yaml';
import { chartFiles } from '../../cdk8s/chart/chart-files.ts';
import type { KubernetesObject } from '../../cdk8s/kubernetes-object.ts';
import { operatorObjects } from '../../cdk8s/operator/operator-parts.ts';
import { operatorValues } from '../../cdk8s/operator/operator-values.ts';
import { setUp } from '../support/set-up.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CHART = fileURLToPath(new URL('../../charts/tidemark/', import.meta.url));
const HELM = join(setUp('kubernetes-tools'), 'helm');
const NAMESPACE = 'a-namespace';
const folder = temporaryFolder();

test('the checked-in chart is what `npm run synth` writes', () => {
  const written = readdirSync(CHART, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const found = Object.fromEntries(
    written.map((path) => [path.slice(CHART.length), readFileSync(path, 'utf8')]),
  );
  expect(found).toEqual(chartFiles());
});

test.each([
  ['its defaults', {}],
  [
    'every value another one',
    {
      image:
        'registry.example/tidemark@sha256:0000000000000000000000000000000000000000000000000000000000000000',
      imagePullPolicy: 'Always',
      imagePullSecrets: [{ name: 'registry' }, { name: 'mirror' }],
      watchNamespaces: ['trading'],
      replicas: 1,
      logLevel: 'debug',
      // In full, because Helm puts what is given into the defaults.
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', memory: '1Gi' } },
      serviceAccountAnnotations: { 'example.com/role': 'a "quoted": <role> & more' },
      nodeSelector: { 'example.com/pool': 'system' },
      tolerations: [{ key: 'system', operator: 'Exists', effect: 'NoSchedule' }],
      networkPolicy: false,
      podMonitor: true,
      alerts: true,
      externalMetrics: false,
      installCrd: false,
      aggregators: {
        topologySpread: 'zones-required',
        kafkaPorts: [9094],
        resources: { requests: { cpu: '1' } },
        imagePullSecrets: [{ name: 'registry-of-pipelines' }],
      },
    },
  ],
  ['namespaces to watch', { watchNamespaces: ['trading', NAMESPACE, 'research'] }],
  [
    'namespaces to watch and nothing for external metrics',
    { watchNamespaces: ['a', 'b'], externalMetrics: false },
  ],
])('the chart with %s renders the very objects that the constructs make', (_title, values) => {
  const rendered = render(values);
  const plain = operatorObjects({ namespace: NAMESPACE, values: operatorValues.parse(values) });
  expect(byTitle(rendered)).toEqual(byTitle(plain));
});

test.each([
  [{ replica: 3 }, /replica/],
  [{ replicas: 'three' }, /replicas/],
  [{ imagePullPolicy: 'Sometimes' }, /imagePullPolicy/],
  [{ aggregators: { logLevel: 'loud' } }, /logLevel/],
  [{ watchNamespaces: ['Trading'] }, /watchNamespaces/],
  [{ watchNamespaces: ['trading,research'] }, /watchNamespaces/],
  [{ watchNamespaces: ['trading', 'trading'] }, /watchNamespaces/],
  [{ imagePullSecrets: ['registry'] }, /imagePullSecrets/],
])('Helm refuses values that mean nothing: %j', (values, about) => {
  const { status, stderr } = helm(values);
  expect(status).not.toBe(0);
  expect(stderr).toMatch(about);
});

test('Helm finds nothing wrong with the chart', () => {
  const { status, stdout, stderr } = spawnSync(HELM, ['lint', '--strict', CHART], { encoding: 'utf8' });
  expect({ status, output: `${stdout}${stderr}` }).toMatchObject({ status: 0 });
});

function helm(values: object) {
  const file = join(folder, 'values.yaml');
  writeFileSync(file, stringify(values));
  const args = ['template', 'tidemark', CHART, '--namespace', NAMESPACE, '--values', file];
  return spawnSync(HELM, args, { encoding: 'utf8' });
}

function render(values: object): KubernetesObject[] {
  const { status, stdout, stderr } = helm(values);
  if (status !== 0) throw new Error(stderr);
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
}

function byTitle(objects: readonly KubernetesObject[]): Record<string, KubernetesObject> {
  const titles = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`);
  expect(new Set(titles).size).toBe(titles.length);
  return Object.fromEntries(objects.map((object, at) => [titles[at], object]));
}
