import { internals } from './kafkajs-internals.ts';
import type { RequestQueue } from './kafkajs-internals.ts';

/**
 * Stops the timer that each connection of kafkajs otherwise runs every millisecond for its whole life: 5 % of a core
 * for an idle consumer, and a TimeoutNegativeWarning on Node 24. It is meant to send what waits in the queue when a
 * broker's throttling is over, and so it is needed only while something waits. Safe to call again.
 */
export function correctRequestQueue(): void {
  internals().RequestQueue.prototype.scheduleCheckPendingRequests = scheduleCheckPendingRequests;
}

/** As kafkajs: a request that waits for one in flight goes when that one is answered; this is the safety net. */
const CHECK_INTERVAL_MS = 10;

function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : CHECK_INTERVAL_MS,
  );
}
