import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll } from '@jest/globals';
import { ApiClient, type ApiRequest } from '../../src/kube/api-client.ts';
import { hasStatus } from '../../src/kube/api-error.ts';
import { findConnection, type Connection } from '../../src/kube/connection.ts';
import { kindOf, pathOf } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/operator/kube-object.ts';

/** A real API server, as KUBECONFIG names it, and a namespace of its own for one test file. */
export interface KubeCluster {
  readonly connection: Connection;
  readonly client: ApiClient;
  readonly namespace: string;
}

/** Fails with one line where there is no cluster. Call it at the top of a test file. */
export function kubeCluster(labels: Readonly<Record<string, string>> = {}): KubeCluster {
  const namespace = `tidemark-test-${randomBytes(4).toString('hex')}`;
  const cluster = { namespace } as { -readonly [Key in keyof KubeCluster]: KubeCluster[Key] };
  beforeAll(async () => {
    if (!process.env.KUBECONFIG) {
      throw new Error('These tests need a Kubernetes cluster: set KUBECONFIG to the file that names it.');
    }
    cluster.connection = await findConnection();
    cluster.client = new ApiClient(cluster.connection);
    await cluster.client.send({
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } },
    });
  });
  afterAll(async () => {
    await cluster.client.send({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
    cluster.client.close();
  });
  return cluster;
}

/** The object as it is; undefined where there is none. */
export async function readObject(
  client: ApiClient,
  kind: { apiVersion: string; kind: string },
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  try {
    return (await client.send({ method: 'GET', path: pathOf(kindOf(kind), namespace, name) })) as KubeObject;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}

/** Creates the object, or changes it as `kubectl apply` would. */
export async function applyObject(client: ApiClient, object: KubeObject): Promise<KubeObject> {
  const { namespace, name } = object.metadata;
  return (await client.send({
    method: 'PATCH',
    path: pathOf(kindOf(object), namespace, name),
    query: { fieldManager: 'test', force: true },
    contentType: 'application/apply-patch+yaml',
    body: object,
  })) as KubeObject;
}

export async function removeObject(client: ApiClient, object: KubeObject, body?: object): Promise<void> {
  const { namespace, name } = object.metadata;
  const request: ApiRequest = { method: 'DELETE', path: pathOf(kindOf(object), namespace, name) };
  await client.send(body === undefined ? request : { ...request, body });
}

export function configMap(
  namespace: string,
  name: string,
  data: Record<string, string>,
  label = 'test',
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { 'tidemark.dev/test': label } },
    data,
  } as KubeObject;
}
