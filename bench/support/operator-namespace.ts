import { randomBytes } from 'node:crypto';
import { ApiClient } from '../../src/kube/api-client.ts';
import { findConnection } from '../../src/kube/connection.ts';
import { installCrd } from '../../test/support/moving-average.ts';
import { OperatorInCluster } from '../../test/support/operator-in-cluster.ts';
import { until } from '../../test/support/until.ts';
import { Interruption, inTurn } from './interruption.ts';

/** A namespace of the cluster of KUBECONFIG with two operators in pods, as the manifests install them. */
export interface OperatorNamespace {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly operator: OperatorInCluster;
  /** The address at which pods reach this machine. */
  readonly host: string;
  /** For work that makes things of its own there, which it removes when it is given up. */
  readonly interruption: Interruption;
}

/**
 * Runs `work` there, with aggregators of these resources, and removes all of it, at a signal too. Throws where the
 * environment names no cluster or no image.
 */
export async function withOperators(
  work: (there: OperatorNamespace) => Promise<void>,
  aggregatorResources: object = SMALL,
): Promise<void> {
  const { KUBECONFIG, TIDEMARK_E2E_IMAGE: image, TIDEMARK_E2E_HOST: host = '127.0.0.1' } = process.env;
  if (!KUBECONFIG || !image) {
    throw new Error('Set KUBECONFIG to a cluster, and TIDEMARK_E2E_IMAGE to an image that its nodes have.');
  }
  const interruption = new Interruption();
  const client = new ApiClient(await findConnection());
  const namespace = `tidemark-bench-${randomBytes(3).toString('hex')}`;
  await client.send({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  });
  const operator = new OperatorInCluster(client, namespace, {
    image,
    aggregators: { resources: aggregatorResources },
  });
  try {
    await interruption.orGivenUp(async () => {
      await installCrd(client);
      await operator.apply();
      await until('both operators are ready', async () => (await operator.readyPods()).length === 2, 90_000);
    });
    await work({ client, namespace, operator, host, interruption });
  } finally {
    await inTurn([
      () => client.send({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` }),
      () => operator.removeRights(),
    ]);
    client.close();
  }
}

/** So that some fit on a small node. */
const SMALL = { requests: { cpu: '50m', memory: '64Mi' } };
