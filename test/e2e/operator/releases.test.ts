import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { yamlText } from '../../../cdk8s/yaml-text.ts';
import { KINDS, pathOf } from '../../../src/kube/kinds.ts';
import { kubeCluster } from '../../support/kube-cluster.ts';
import { kubectl } from '../../support/kubectl.ts';
import { installCrd, MovingAverageInCluster } from '../../support/moving-average.ts';
import { podsImage } from '../../support/pods-image.ts';
import { setUp } from '../../support/set-up.ts';
import { until } from '../../support/until.ts';

const CHART = fileURLToPath(new URL('../../../charts/tidemark/', import.meta.url));
const HELM = join(setUp('kubernetes-tools'), 'helm');
/** Nobody of the cluster: has the rights that this test gives, and no others. */
const TEAM = 'tidemark-test-team';

const cluster = kubeCluster();
let image: string;
/** Where each of two releases is, and which namespace it watches. */
let releases: { home: string; watched: string }[] = [];

beforeAll(async () => {
  image = podsImage();
  await installCrd(cluster.client);
  const release = async () => ({ home: await cluster.another(), watched: await cluster.another() });
  releases = [await release(), await release()];
});

afterAll(async () => {
  for (const { home } of releases) await helm(home, 'uninstall', 'tidemark', '--ignore-not-found');
});

test('two releases share a cluster, installed by someone who has rights in their namespaces alone', async () => {
  for (const { home, watched } of releases) {
    for (const namespace of [home, watched]) allInNamespace(namespace);
    await helm(home, 'install', 'tidemark', CHART, '--wait', '--timeout', '90s', ...values(watched));
  }
  for (const { home, watched } of releases) {
    const pipeline = new MovingAverageInCluster(cluster.client, watched, 'stocks');
    await pipeline.apply({
      kafka: { bootstrapServers: ['127.0.0.1:9'] },
      input: { topic: 'stocks', partitions: 1 },
      output: { topic: 'averages' },
      windows: [{ size: '3s' }],
      scaling: { maxReplicas: 1 },
    });
    await pipeline.becomes('TopicsReady', 'KafkaUnreachable');
    const [event] = await until('an event tells of it', async () => {
      const { items } = (await cluster.client.send({
        method: 'GET',
        path: pathOf(KINDS.Event, watched),
      })) as { items: { reportingController: string; reportingInstance: string }[] };
      const ours = items.filter(({ reportingController }) => reportingController === 'tidemark.dev/operator');
      return ours.length > 0 ? ours : undefined;
    });
    const pods = kubectl(['get', 'pods', '--namespace', home, '--output', 'name']).stdout;
    expect(pods).toContain(event.reportingInstance);
  }
});

test("one that is another release's already is refused", async () => {
  const [{ watched }, { home }] = releases;
  const upgraded = helm(
    home,
    'upgrade',
    'tidemark',
    CHART,
    '--reuse-values',
    '--set',
    `watchNamespaces={${watched}}`,
  );
  await expect(upgraded).rejects.toThrow(/tidemark-pipelines.*invalid ownership metadata/s);
});

function values(watched: string): string[] {
  const set = {
    image,
    replicas: 1,
    externalMetrics: false,
    installCrd: false,
    watchNamespaces: `{${watched}}`,
    'resources.requests.cpu': '10m',
    'resources.requests.memory': '64Mi',
  };
  return Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
}

/** The team may do everything, in this namespace. */
function allInNamespace(namespace: string): void {
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: TEAM, namespace },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: TEAM }],
  };
  const { status, stderr } = kubectl(['apply', '--filename', '-'], yamlText([binding]));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
}

async function helm(namespace: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(HELM, [
    ...args,
    '--namespace',
    namespace,
    '--kube-as-user',
    TEAM,
    '--kube-as-group',
    'system:authenticated',
  ]);
  return stdout;
}
