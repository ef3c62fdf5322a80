import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Issued } from './issue.ts';

/** What is to be issued; `authority` is missing for an authority. */
export interface Order {
  readonly authority?: Issued;
  readonly serverNames: readonly string[];
  readonly lifeMs: number;
  readonly nowMs: number;
}

/** An authority of our own. */
export function issueAuthority(lifeMs: number, nowMs: number): Promise<Issued> {
  return issue({ serverNames: [], lifeMs, nowMs });
}

/** The certificate of a server that is known by the names. */
export function issueServing(
  authority: Issued,
  serverNames: readonly string[],
  lifeMs: number,
  nowMs: number,
): Promise<Issued> {
  return issue({ authority, serverNames, lifeMs, nowMs });
}

/** In a thread that ends with it: what issuing loads takes 20 MB, and it is done once in two months. */
async function issue(order: Order): Promise<Issued> {
  const path = `./issue-worker${extname(import.meta.url)}`; // .ts from the checkout, .js beside the bundle
  const worker = new Worker(new URL(path, import.meta.url), { workerData: order });
  try {
    const [issued] = (await once(worker, 'message')) as [Issued];
    return issued;
  } finally {
    await worker.terminate();
  }
}
