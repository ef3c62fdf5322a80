import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import type { TlsSource } from '../tls/tls-material.ts';

/**
 * Opens the sockets of kafkajs. It would fix the certificates when the client is made; here each new connection asks
 * for those of its moment, so that a certificate that was renewed is in use without a restart.
 */
export function brokerSockets(tls: TlsSource | undefined): ISocketFactory {
  return ({ host, port, onConnect }) => {
    const socket =
      tls === undefined
        ? connect({ host, port }, onConnect)
        : connectTls({ host, port, ...serverName(host), ...pem(tls) }, onConnect);
    return socket.setKeepAlive(true, KEEP_ALIVE_MS);
  };
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
