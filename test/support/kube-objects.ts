import type { ApiClient, ApiRequest } from '../../src/kube/api-client.ts';
import { hasStatus } from '../../src/kube/api-error.ts';
import { kindOf, pathOf } from '../../src/kube/kinds.ts';
import type { KubeObject } from '../../src/operator/kube-object.ts';

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
