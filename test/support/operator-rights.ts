import type { KubernetesObject } from '../../cdk8s/kubernetes-object.ts';
import { operatorObjects } from '../../cdk8s/operator/operator-parts.ts';
import { operatorValues } from '../../cdk8s/operator/operator-values.ts';
import { yamlText } from '../../cdk8s/yaml-text.ts';
import { ApiClient } from '../../src/kube/api-client.ts';
import type { Connection } from '../../src/kube/connection.ts';
import type { SeenRequest } from './api-proxy.ts';
import { kubectl } from './kubectl.ts';
import { until } from './until.ts';

/** The rights that the chart grants an operator in `namespace`, in a real cluster, and what of them it uses. */
export class OperatorRights {
  readonly account: string;
  readonly #objects: readonly KubernetesObject[];

  constructor(namespace: string, values: object) {
    this.account = `system:serviceaccount:${namespace}:tidemark-operator`;
    const objects = operatorObjects({ namespace, values: operatorValues.parse(values) });
    this.#objects = objects.filter(({ apiVersion }) => apiVersion.startsWith('rbac.authorization.k8s.io/'));
  }

  /** Until the API server goes by them, in each of the namespaces. */
  async grant(namespaces: readonly string[]): Promise<void> {
    run(['apply', '--server-side', '--force-conflicts', '--filename', '-'], yamlText(this.#objects));
    const asked = ['auth', 'can-i', 'patch', 'movingaverages.tidemark.dev', '--as', this.account];
    for (const namespace of namespaces) {
      await until(
        `it has rights in ${namespace}`,
        () => kubectl([...asked, '--namespace', namespace]).status === 0,
      );
    }
  }

  revoke(): void {
    run(['delete', '--ignore-not-found', '--filename', '-'], yamlText(this.#objects));
  }

  /** As `apps deployments patch`; without those of the autoscaler. */
  get granted(): ReadonlySet<string> {
    return new Set(
      this.#objects.filter(({ metadata }) => !metadata.name.endsWith('-reader')).flatMap(rightsIn),
    );
  }
}

/** What was asked of the API server, as rights: `apps deployments patch`. */
export function usedRights(seen: readonly SeenRequest[]): ReadonlySet<string> {
  return new Set(seen.flatMap(rightsFor));
}

/** The client of another user, as kubectl's `--as`: of an administrator's rights nobody is asked. */
export function connectionAs(connection: Connection, user: string): Connection {
  const headers = async () => ({ ...(await connection.headers()), 'Impersonate-User': user });
  return { ...connection, headers };
}

/** Does the work as another user. */
export async function as<T>(
  connection: Connection,
  user: string,
  work: (client: ApiClient) => Promise<T>,
): Promise<T> {
  const client = new ApiClient(connectionAs(connection, user));
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

function rightsIn(object: KubernetesObject): string[] {
  const { rules = [] } = object as unknown as {
    rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  };
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${group} ${resource} ${verb}`)),
    ),
  );
}

function rightsFor({ method, path, isWatch, status }: SeenRequest): string[] {
  const parts = (PATH.exec(path) ?? []) as (string | undefined)[];
  const [, group = '', plural = '', name, part] = parts;
  const resource = `${group} ${plural}${part === undefined ? '' : `/${part}`}`;
  switch (method) {
    case 'GET':
      return [`${resource} ${isWatch ? 'watch' : name === undefined ? 'list' : 'get'}`];
    case 'PATCH':
      return [`${resource} patch`, ...(status === 201 ? [`${resource} create`] : [])];
    case 'POST':
      return [`${resource} create`];
    case 'PUT':
      return [`${resource} update`];
    default:
      return [`${resource} ${method.toLowerCase()}`];
  }
}

/** Group, plural, name and subresource. */
const PATH = /^\/api(?:s\/([^/]+))?\/v[^/]+\/(?:namespaces\/[^/]+\/)?([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;

function run(args: readonly string[], input: string): void {
  const { status, stderr } = kubectl(args, input);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}
