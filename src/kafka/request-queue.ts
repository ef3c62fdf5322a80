import { internals } from './kafkajs-internals.ts';
import type { RequestQueue } from './kafkajs-internals.ts';

/**
 * Calms the timers that each connection of kafkajs runs for its whole life; a client has a dozen connections.
 * One fires every millisecond: 5 % of a core for an idle consumer, and a TimeoutNegativeWarning on Node 24. It is
 * meant to send what waits in the queue when a broker's throttling is over, so it is needed only while something
 * waits. The other looks for requests that have timed out ten times a second; once is enough.
 * Safe to call again.
 */
export function correctRequestQueue(): void {
  const queue = internals().RequestQueue.prototype;
  queue.scheduleCheckPendingRequests = scheduleCheckPendingRequests;
  queue.scheduleRequestTimeoutCheck = scheduleRequestTimeoutCheck;
}

/** As kafkajs: a request that waits for one in flight goes when that one is answered; this is the safety net. */
const PENDING_CHECK_MS = 10;
const TIMEOUT_CHECK_MS = 1000;

function scheduleCheckPendingRequests(this: RequestQueue): void {
  if (this.throttleCheckTimeoutId !== null || this.pending.length === 0) return;
  const throttledMs = this.throttledUntil - Date.now();
  this.throttleCheckTimeoutId = setTimeout(
    () => {
      this.throttleCheckTimeoutId = null;
      this.checkPendingRequests();
    },
    throttledMs > 0 ? throttledMs : PENDING_CHECK_MS,
  );
}

function scheduleRequestTimeoutCheck(this: RequestQueue): void {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  this.requestTimeoutIntervalId = setInterval(
    () => {
      const now = Date.now();
      for (const request of this.inflight.values()) {
        if (now - (request.sentAt ?? now) > request.requestTimeout) request.timeoutRequest();
      }
      if (!this.isConnected()) this.destroy();
    },
    Math.min(this.requestTimeout, TIMEOUT_CHECK_MS),
  );
}
