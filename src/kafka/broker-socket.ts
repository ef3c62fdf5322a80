import { connect, isIP, type OnReadOpts, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import type { TlsSource } from '../tls/tls-material.ts';
import { ResponseFrames } from './response-frames.ts';

/**
 * Opens the sockets of kafkajs. It would fix the certificates when the client is made; here each new connection asks
 * for those of its moment, so that a certificate that was renewed is in use without a restart. Each `data` is a whole
 * response.
 */
export function brokerSockets(tls: TlsSource | undefined): ISocketFactory {
  return ({ host, port, onConnect }) => {
    const frames = new ResponseFrames((response) => socket.emit('data', response));
    const onread: OnReadOpts = {
      buffer: () => frames.room(),
      callback: (count) => {
        try {
          frames.take(count);
        } catch (error) {
          socket.destroy(error as Error);
        }
        return true;
      },
    };
    const socket = openBrokerSocket(tls, { host, port, onConnect, onread });
    return socket;
  };
}

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly onConnect?: (() => void) | undefined;
  readonly onread?: OnReadOpts;
}

/** One connection to a broker. */
export function openBrokerSocket(
  tls: TlsSource | undefined,
  { host, port, onConnect, onread }: BrokerAddress,
): Socket {
  const place = { host, port, ...(onread === undefined ? {} : { onread }) };
  const socket =
    tls === undefined
      ? connect(place, onConnect)
      : connectTls({ ...place, ...serverName(host), ...pem(tls) }, onConnect);
  return socket.setKeepAlive(true, KEEP_ALIVE_MS);
}

function pem(tls: TlsSource) {
  const { ca, certificate, privateKey } = tls();
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { cert: certificate, key: privateKey }),
  };
}

/** An IP address is no name that TLS could ask for (RFC 6066, 3). */
function serverName(host: string): { servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}

const KEEP_ALIVE_MS = 60_000;
