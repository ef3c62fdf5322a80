import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

/**
 * Where no kernel takes the port of an outgoing connection, or of a server that asks for any: between the choice of a
 * port and its use nobody else is given it, unless another test draws the same number in that moment.
 */
const [FIRST, LAST] = [12_000, 29_999];

/** Ports on the loopback address that nobody listens on; all different, for they are held until all are found. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  while (servers.length < count) {
    const server = await listen(FIRST + Math.floor(Math.random() * (LAST - FIRST + 1)));
    if (server !== undefined) servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(close));
  return ports;
}

/** Undefined where the port is taken. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}
