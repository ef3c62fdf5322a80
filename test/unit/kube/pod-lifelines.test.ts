import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { PodLifelines } from '../../../src/kube/pod-lifelines.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';
import { PROJECT } from '../../support/tidemark.ts';
import { until } from '../../support/until.ts';

/** What an aggregator serves, in a process of its own. */
const SERVING = `
  import { openHttpServer } from '${PROJECT}src/http/http-server.ts';
  const metrics = { contentType: 'text/plain', metrics: () => Promise.resolve('') };
  const { port } = await openHttpServer({ port: Number(process.argv[1] ?? 0), host: '127.0.0.1', health: () => [], metrics });
  console.log(port);
`;

let dead: string[];
let lifelines: PodLifelines;
let children: ChildProcess[];
let servers: Server[];

beforeEach(() => {
  dead = [];
  children = [];
  servers = [];
  lifelines = new PodLifelines({ onDeath: ({ metadata }) => dead.push(metadata.name) });
});

afterEach(async () => {
  lifelines.close();
  for (const child of children) child.kill('SIGKILL');
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('the death of a process is told once, and again when the process after it dies', async () => {
  const first = await serving();
  lifelines.see(pod('stocks-1', first.port), false);
  await until('the connection is held', isHeld);
  first.child.kill('SIGKILL');
  await until('the death is told', () => dead.length === 1);
  const second = await serving(first.port);
  await until('the next process is held', isHeld, 10_000);
  expect(dead).toEqual(['stocks-1']);
  second.child.kill('SIGKILL');
  await until('its death is told', () => dead.length === 2);
});

test('of a pod that is gone from the cluster the process is held until it ends', async () => {
  const { child, port } = await serving();
  lifelines.see(pod('stocks-1', port), false);
  await until('the connection is held', isHeld);
  lifelines.see(pod('stocks-1', port), true);
  expect(dead).toEqual([]);
  child.kill('SIGKILL');
  await until('the death is told', () => dead.length === 1);
});

test('of a pod whose process has ended nothing more is told when it is gone', async () => {
  const { child, port } = await serving();
  lifelines.see(pod('stocks-1', port), false);
  await until('the connection is held', isHeld);
  child.kill('SIGTERM');
  await until('the death is told', () => dead.length === 1);
  lifelines.see(pod('stocks-1', port), true);
  expect(dead).toEqual(['stocks-1']);
});

test('a process that outlives its pod by seconds is taken for dead: its node may have fallen silent', async () => {
  const { child, port } = await serving();
  lifelines.see(pod('stocks-1', port), false);
  await until('the connection is held', isHeld);
  lifelines.see(pod('stocks-1', port), true);
  await until('the death is told', () => dead.length === 1, 10_000);
  expect(child.exitCode ?? child.signalCode).toBeNull();
  expect(isHeld()).toBe(false);
});

test('a pod that is gone and whose process was never reached is taken for dead at once', async () => {
  const { child, port } = await serving();
  child.kill('SIGKILL');
  await once(child, 'exit');
  lifelines.see(pod('unreachable', port), false);
  lifelines.see(pod('unreachable', port), true);
  lifelines.see(pod('unseen', port), true);
  expect(dead).toEqual(['unreachable', 'unseen']);
});

test('a connection that breaks while the process listens on is no death', async () => {
  const sockets: Socket[] = [];
  const server = createServer((_request, response) => {
    response.writeHead(200).flushHeaders();
  });
  servers.push(server);
  server.on('connection', (socket) => sockets.push(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  lifelines.see(pod('stocks-1', (server.address() as AddressInfo).port), false);
  for (let connections = 1; connections <= 3; connections++) {
    await until('it is connected again', () => sockets.length === connections);
    const requested = once(server, 'request');
    sockets[connections - 1].destroy();
    await requested;
  }
  expect(dead).toEqual([]);
});

test('a pod that could never be reached is not called dead', async () => {
  const { child, port } = await serving();
  child.kill('SIGKILL');
  await once(child, 'exit');
  lifelines.see(pod('unreachable', port), false);
  const other = await serving();
  lifelines.see(pod('stocks-1', other.port), false);
  await until('the other is held', isHeld);
  other.child.kill('SIGKILL');
  await until('its death is told', () => dead.length > 0);
  expect(dead).toEqual(['stocks-1']);
});

function isHeld(): boolean {
  return lifelines.held.includes('stocks-1');
}

async function serving(port = 0) {
  const child = spawn(process.execPath, ['--input-type=module', '-e', SERVING, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, port: Number(line.toString()) };
}

function pod(name: string, port: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'trading', uid: `uid-${name}` },
    spec: { containers: [{ ports: [{ name: 'http', containerPort: port }] }] },
    status: { phase: 'Running', podIP: '127.0.0.1' },
  };
}
