import type { KubeObject } from '../operator/kube-object.ts';
import { TidemarkError } from '../pipeline/error.ts';
import type { ApiClient, ApiRequest } from './api-client.ts';
import { hasStatus } from './api-error.ts';
import { kindOf, pathOf } from './kinds.ts';
import type { Term } from './lease-elector.ts';

/** The name under which the API server keeps which fields are ours. */
export const FIELD_MANAGER = 'tidemark';

/** All writes of one term of leadership; none begins, and none goes on, after its end. */
export class ObjectWriter {
  readonly #client: ApiClient;
  readonly #term: Term;

  constructor(client: ApiClient, term: Term) {
    this.#client = client;
    this.#term = term;
  }

  /**
   * Makes the object's fields so, and takes away those that were ours and are not in it any more (server-side apply,
   * KEP-555). Fields of others stay; without force it fails, 409, where another manages one of them. Returns the object
   * as it is now.
   */
  async apply(
    object: KubeObject,
    {
      fieldManager = FIELD_MANAGER,
      force = true,
    }: { fieldManager?: string | undefined; force?: boolean } = {},
  ): Promise<KubeObject> {
    return (await this.#apply(object, pathOfObject(object), fieldManager, force)) as KubeObject;
  }

  /** The same for the status. `resource` needs nothing but its name and kind. */
  async applyStatus(resource: KubeObject, status: object): Promise<KubeObject> {
    const { apiVersion, kind, metadata } = resource;
    const named = {
      apiVersion,
      kind,
      metadata: { name: metadata.name, namespace: metadata.namespace },
      status,
    };
    return (await this.#apply(named, `${pathOfObject(resource)}/status`)) as KubeObject;
  }

  /** Deletes this very object, and not one of the same name that came after it. One that is gone is fine. */
  async remove(object: KubeObject): Promise<void> {
    const { uid } = object.metadata;
    try {
      await this.send({
        method: 'DELETE',
        path: pathOfObject(object),
        body: { propagationPolicy: 'Background', ...(uid === undefined ? {} : { preconditions: { uid } }) },
      });
    } catch (error) {
      if (!hasStatus(error, 404, 409)) throw error;
    }
  }

  /** Throws a TidemarkError, LEASE_LOST, where the term is over. */
  async send(request: ApiRequest): Promise<unknown> {
    if (this.#term.isOver) throw leaseLost();
    return this.#client.send({ ...request, signal: this.#term.signal });
  }

  #apply(body: object, path: string, fieldManager = FIELD_MANAGER, force = true): Promise<unknown> {
    return this.send({
      method: 'PATCH',
      path,
      query: { fieldManager, force },
      contentType: 'application/apply-patch+yaml',
      body,
    });
  }
}

function pathOfObject(object: KubeObject): string {
  return pathOf(kindOf(object), object.metadata.namespace, object.metadata.name);
}

function leaseLost(): TidemarkError {
  return new TidemarkError(
    'LEASE_LOST',
    'another operator may be leading, so this one writes no more',
    'Nothing is to be done: the leader goes on.',
  );
}
