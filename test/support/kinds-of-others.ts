import type { ApiClient } from '../../src/kube/api-client.ts';
import { hasStatus } from '../../src/kube/api-error.ts';
import { pathOf, type Kind } from '../../src/kube/kinds.ts';
import { until } from './until.ts';

/**
 * Has the API server know a kind that others bring along, as if they were installed: it takes any object of it, for
 * test/manifests compares objects with the schemas. Returns how it goes again; one that is there already stays.
 */
export async function withKind(client: ApiClient, kind: Kind): Promise<() => Promise<void>> {
  const [group, version] = kind.apiVersion.split('/');
  const { plural } = kind;
  const name = `${plural}.${group}`;
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const spec = {
    group,
    scope: 'Namespaced',
    names: { kind: kind.kind, listKind: `${kind.kind}List`, plural, singular: kind.kind.toLowerCase() },
    versions: [{ name: version, served: true, storage: true, schema, subresources: { status: {} } }],
  };
  const body = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec,
  };
  try {
    await client.send({ method: 'POST', path: DEFINITIONS, body });
  } catch (error) {
    if (hasStatus(error, 409)) return () => Promise.resolve();
    throw error;
  }
  await until(`${plural} are served`, async () => {
    await client.send({ method: 'GET', path: pathOf(kind, 'default') });
    return true;
  });
  return async () => {
    await client.send({ method: 'DELETE', path: `${DEFINITIONS}/${name}` });
  };
}

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
