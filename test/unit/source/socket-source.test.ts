import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { retryDelayMs, socketSource, type SocketState } from '../../../src/source/socket-source.ts';
import { read, type Reading } from './reading.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    if (!server.listening) continue;
    server.close();
    await once(server, 'close');
  }
});

async function listening(
  onConnection: (socket: Socket) => void,
  host = '127.0.0.1',
  port = 0,
): Promise<number> {
  const server = createServer(onConnection);
  servers.push(server);
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

let reading: Reading | undefined;

/** Retries after half the delay, so that tests take no longer than they must. */
const random = (): number => 0.999;

test('bytes are read as they come, and each break is a cut before the next connection', async () => {
  let connections = 0;
  const port = await listening((socket) => {
    connections++;
    socket.end(`connection ${connections}\n`);
  });
  const broken = read(socketSource(`tcp://127.0.0.1:${port}`, { random }));
  await broken.until((text) => text.includes('connection 3\n'));
  await broken.stop();
  expect(broken.text).toMatch(
    /^connection 1\n\|the connection closed\|connection 2\n\|the connection closed\|connection 3\n/,
  );
  expect(broken.error).toBeUndefined();
});

test('a connection that is reset is a cut too', async () => {
  const sockets: Socket[] = [];
  const port = await listening((socket) => {
    sockets.push(socket);
    socket.write(sockets.length === 1 ? 'before' : 'after');
  });
  const reset = read(socketSource(`tcp://127.0.0.1:${port}`, { random }));
  await reset.until((text) => text === 'before');
  sockets[0].resetAndDestroy();
  await reset.until((text) => text.endsWith('after'));
  await reset.stop();
  expect(reset).toMatchObject({ text: 'before|the connection closed|after', error: undefined });
});

test('a server that is not there yet is waited for, and the states tell', async () => {
  const port = await listening(() => undefined);
  const [server] = servers.splice(0);
  server.close();
  await once(server, 'close');

  const states: SocketState[] = [];
  const refused = new Promise<void>((resolve) => {
    const onState = (state: SocketState): void => {
      states.push(state);
      if (state.kind === 'waiting') resolve();
    };
    reading = read(socketSource(`tcp://127.0.0.1:${port}`, { random, onState }));
  });
  await refused;
  await listening((socket) => socket.end('here\n'), '127.0.0.1', port);
  await reading?.until((text) => text.startsWith('here\n'));
  await reading?.stop();
  expect(states.slice(0, 2)).toEqual([
    { kind: 'connecting' },
    { kind: 'waiting', delayMs: 50, reason: 'nothing listens there (ECONNREFUSED)' },
  ]);
  expect(states).toContainEqual({ kind: 'connected' });
});

test('an abort ends the wait for bytes at once', async () => {
  const port = await listening((socket) => {
    socket.write('silence follows');
    socket.on('error', () => undefined);
  });
  const silent = read(socketSource(`tcp://127.0.0.1:${port}`));
  await silent.until((text) => text === 'silence follows');
  await silent.stop();
  expect(silent).toMatchObject({ text: 'silence follows', error: undefined });
});

test('an abort ends the wait for the next try at once', async () => {
  const waiting = new Promise<SocketState>((resolve) => {
    const onState = (state: SocketState): void => {
      if (state.kind === 'waiting') resolve(state);
    };
    reading = read(socketSource('tcp://127.0.0.1:1', { onState, random: () => 0 }));
  });
  await waiting;
  await reading?.stop();
  expect(reading?.error).toBeUndefined();
});

test('a consumer that does not read holds the server up', async () => {
  const block = Buffer.alloc(1 << 20);
  let isHeldUp: () => void;
  const heldUp = new Promise<void>((resolve) => (isHeldUp = resolve));
  const port = await listening((socket) => {
    socket.on('error', () => undefined);
    const send = (blocks: number): void => {
      if (blocks === 0) return;
      // 64 MiB are more than the system's buffers on both sides hold
      if (socket.write(block)) send(blocks - 1);
      else {
        isHeldUp();
        socket.once('drain', () => {
          send(blocks - 1);
        });
      }
    };
    send(64);
  });
  const source = socketSource(`tcp://127.0.0.1:${port}`);
  const controller = new AbortController();
  const chunks = source.chunks(controller.signal)[Symbol.asyncIterator]();
  await chunks.next();
  await heldUp;
  expect(source.progressBytes).toBeLessThan(1 << 20);
  controller.abort();
  expect(await chunks.next()).toMatchObject({ done: true });
});

test('IPv6 addresses stand in brackets', async () => {
  const port = await listening((socket) => socket.end('six'), '::1');
  const six = read(socketSource(`tcp://[::1]:${port}`, { random }));
  await six.until((text) => text.startsWith('six'));
  await six.stop();
  expect(six.error).toBeUndefined();
});

test('anything but tcp://host:port is refused', () => {
  for (const address of ['localhost:9999', 'tcp://localhost', 'http://localhost:80', 'tcp://:9999', '']) {
    expect(() => socketSource(address)).toThrow(
      expect.objectContaining({ code: 'INPUT_ADDRESS_INVALID', exitCode: 2 }),
    );
  }
});

test('delays double from 100 ms to 5 s and are spread over their upper half', () => {
  expect([0, 1, 2, 5, 6, 1000].map((failures) => retryDelayMs(failures, 0))).toEqual([
    100, 200, 400, 3200, 5000, 5000,
  ]);
  expect(retryDelayMs(1, 0.5)).toBe(150);
});
