import { internals } from './kafkajs-internals.ts';
import type { Connection } from './kafkajs-internals.ts';

/**
 * Keeps kafkajs from copying each response: it joins what comes with the rest of what came before, also where that rest
 * is empty, as it always is where `brokerSockets` brings whole responses.
 * Safe to call again.
 */
export function leaveResponsesUnjoined(): void {
  const connection = internals().Connection.prototype;
  if (corrected.has(connection)) return;
  corrected.add(connection);
  const { processData } = connection;
  connection.processData = function (bytes) {
    if (this.bytesBuffered === 0) this.chunks = [];
    processData.call(this, bytes);
  };
}

const corrected = new WeakSet<Connection>();
