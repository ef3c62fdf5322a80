import type { KubeObject } from '../operator/kube-object.ts';
import type { ApiClient } from './api-client.ts';
import { pathOf, type Kind } from './kinds.ts';

export interface ListRequest {
  readonly kind: Kind;
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly signal?: AbortSignal;
  /** How many objects one answer may hold. */
  readonly pageSize?: number;
}

/**
 * All objects of a kind, read page by page, and the version of the whole, to watch from. A page that comes too late
 * (410, the list's snapshot is gone) is an ApiError: the caller lists again.
 */
export async function listAll(
  client: ApiClient,
  { kind, namespace, labelSelector, fieldSelector, signal, pageSize = 250 }: ListRequest,
): Promise<{ items: KubeObject[]; version: string }> {
  const items: KubeObject[] = [];
  let from: string | undefined;
  for (;;) {
    const page = (await client.send({
      method: 'GET',
      path: pathOf(kind, namespace),
      query: { labelSelector, fieldSelector, limit: pageSize, continue: from },
      signal,
      timeoutMs: 30_000,
    })) as ListPage;
    items.push(...page.items);
    from = page.metadata.continue;
    if (from === undefined || from === '') return { items, version: page.metadata.resourceVersion };
  }
}

interface ListPage {
  readonly items: readonly KubeObject[];
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
}
