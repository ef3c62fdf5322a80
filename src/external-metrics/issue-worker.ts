import { parentPort, workerData } from 'node:worker_threads';
import { issueAuthority, issueServing } from './issue.ts';
import type { Order } from './issuer.ts';

const { authority, serverNames, lifeMs, nowMs } = workerData as Order;
parentPort?.postMessage(
  authority === undefined
    ? await issueAuthority(lifeMs, nowMs)
    : await issueServing(authority, serverNames, lifeMs, nowMs),
);
