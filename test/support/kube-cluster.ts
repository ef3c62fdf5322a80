import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { ApiClient } from '../../src/kube/api-client.ts';
import { findConnection, type Connection } from '../../src/kube/connection.ts';

/** A real API server, as KUBECONFIG names it, and a namespace of its own for one test file. */
export interface KubeCluster {
  readonly connection: Connection;
  readonly client: ApiClient;
  readonly namespace: string;
  /** Makes one more, which goes with the first. */
  readonly another: () => Promise<string>;
}

/** Fails with one line where there is no cluster. Call it at the top of a test file. */
export function kubeCluster(labels: Readonly<Record<string, string>> = {}): KubeCluster {
  const namespace = newName();
  const made = [namespace];
  const make = async (name: string): Promise<string> => {
    await cluster.client.send({
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
    });
    return name;
  };
  const another = (): Promise<string> => {
    const name = newName();
    made.push(name);
    return make(name);
  };
  const cluster = { namespace, another } as { -readonly [Key in keyof KubeCluster]: KubeCluster[Key] };
  beforeAll(async () => {
    if (!process.env.KUBECONFIG) {
      throw new Error('These tests need a Kubernetes cluster: set KUBECONFIG to the file that names it.');
    }
    cluster.connection = await findConnection();
    cluster.client = new ApiClient(cluster.connection);
    await make(namespace);
  });
  afterAll(async () => {
    for (const name of made)
      await cluster.client.send({ method: 'DELETE', path: `/api/v1/namespaces/${name}` });
    cluster.client.close();
  });
  return cluster;
}

function newName(): string {
  return `tidemark-test-${randomBytes(4).toString('hex')}`;
}
