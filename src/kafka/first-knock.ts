import type { Socket } from 'node:net';
import type { TidemarkError } from '../pipeline/error.ts';
import { openBrokerSocket } from './broker-socket.ts';
import type { KafkaConnection } from './kafka-client.ts';
import { kafkaTrouble } from './kafka-trouble.ts';

/**
 * Asks each bootstrap server for the versions that it speaks, the one request that needs no login. Throws a
 * TidemarkError, KAFKA_CERTIFICATE, if TLS fails with all of them: kafkajs would try for a long time what waiting
 * does not cure. A server that is away may come, and is left to kafkajs.
 */
export async function refuseUselessWires(connection: KafkaConnection): Promise<void> {
  if (connection.tls === undefined) return;
  const answers = await Promise.all(connection.brokers.map((address) => knock(connection, address)));
  const useless = answers.filter((answer) => answer?.code === 'KAFKA_CERTIFICATE');
  const [first] = useless;
  if (first !== undefined && useless.length === answers.length) throw first;
}

/** Undefined if a broker answers at the address, else why not. */
export async function knock(
  connection: KafkaConnection,
  address: string,
): Promise<TidemarkError | undefined> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(address.slice(colon + 1));
  try {
    await answered(connection.tls !== undefined, () => openBrokerSocket(connection.tls, { host, port }));
    return undefined;
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const name = code === 'ECONNRESET' ? 'KafkaJSConnectionClosedError' : 'KafkaJSConnectionError';
    return kafkaTrouble(Object.assign(new Error(message), { name, code, broker: address }), connection);
  }
}

/** ApiVersions, version 0, without a client id: length, key, version, correlation id, null. */
const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 0, 255, 255]);
const WITHIN_MS = 3_000;

function answered(isTls: boolean, open: () => Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open();
    const ended = (error?: Error): void => {
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.setTimeout(WITHIN_MS, () => {
      ended(new Error(`no answer in ${WITHIN_MS / 1000} s`));
    });
    socket.once('data', () => {
      ended();
    });
    let isSecure = false;
    socket.once('secureConnect', () => {
      isSecure = true;
    });
    socket.once('end', () => {
      const when = isTls && !isSecure ? ' before secure TLS connection was established' : '';
      ended(Object.assign(new Error(`closed${when}`), { code: 'ECONNRESET' }));
    });
    socket.on('error', ended);
    socket.write(API_VERSIONS);
  });
}
