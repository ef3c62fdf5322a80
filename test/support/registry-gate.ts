import { request as requestHttp } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Issued } from './certificates.ts';

/** What stands before a registry where it is secured: TLS, a certificate asked of clients, and a login. */
export interface RegistryGate {
  readonly url: string;
  stop(): Promise<void>;
}

export interface GateKeeping {
  readonly certificate: Issued;
  /** Whose clients are let in, in PEM. */
  readonly ca: string;
  readonly username: string;
  readonly password: string;
}

/** Hands on to the registry at `url` what a client with certificate and login asks for. */
export async function startRegistryGate(url: string, keeping: GateKeeping): Promise<RegistryGate> {
  const { certificate, privateKey } = keeping.certificate;
  const login = `Basic ${Buffer.from(`${keeping.username}:${keeping.password}`).toString('base64')}`;
  const { origin, pathname } = new URL(url);
  const server = createServer(
    { cert: certificate, key: privateKey, ca: keeping.ca, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      if (request.headers.authorization !== login) {
        response.writeHead(401, { 'content-type': 'application/json' });
        response.end('{"error_code":401,"message":"Unauthorized"}');
        return;
      }
      const { method, headers } = request;
      const behind = requestHttp(`${origin}${request.url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      behind.once('error', (error) => response.destroy(error));
      request.pipe(behind);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
