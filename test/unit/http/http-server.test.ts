import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { openHttpServer, type HttpServer, type HttpServerOptions } from '../../../src/http/http-server.ts';

const opened: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => server.close()));
});

async function open(options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await openHttpServer({
    port: 0,
    host: '127.0.0.1',
    health: () => [],
    metrics: { contentType: 'text/plain', metrics: () => Promise.resolve('') },
    ...options,
  });
  opened.push(server);
  return server;
}

function get({ port }: HttpServer, path: string, options: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}${path}`, options);
}

test('a process that answers is alive, ready or not', async () => {
  const server = await open({ health: () => [{ part: 'kafka', reason: 'No broker answers.' }] });
  const response = await get(server, '/healthz');
  expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
});

test('readiness is 200 without obstacles, and 503 with their reasons', async () => {
  const obstacles = [{ part: 'group', reason: 'The group has not said yet which partitions are ours.' }];
  const server = await open({ health: () => obstacles });
  const waiting = await get(server, '/readyz');
  expect([waiting.status, await waiting.json()]).toEqual([503, { ready: false, reasons: [...obstacles] }]);
  obstacles.pop();
  const ready = await get(server, '/readyz?verbose');
  expect([ready.status, await ready.json()]).toEqual([200, { ready: true, reasons: [] }]);
  expect(ready.headers.get('content-type')).toBe('application/json');
  expect(ready.headers.get('cache-control')).toBe('no-store');
});

test('what only degrades the work is told, and the process stays ready', async () => {
  const reasons = [{ part: 'redis', reason: 'Checkpoints are not saved.', degrades: true as const }];
  const response = await get(await open({ health: () => reasons }), '/readyz');
  expect([response.status, await response.json()]).toEqual([200, { ready: true, reasons }]);
});

test('metrics come as the registry gives them', async () => {
  const contentType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
  const server = await open({ metrics: { contentType, metrics: () => Promise.resolve('# EOF\n') } });
  const response = await get(server, '/metrics');
  expect([response.status, await response.text()]).toEqual([200, '# EOF\n']);
  expect(response.headers.get('content-type')).toBe(contentType);
});

test('a page that fails is 500 without a word of why, and the next is served', async () => {
  const server = await open({
    health: () => {
      throw new Error('secret');
    },
    metrics: { contentType: 'text/plain', metrics: () => Promise.reject(new Error('secret')) },
  });
  for (const path of ['/readyz', '/metrics']) {
    const response = await get(server, path);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
  }
  expect((await get(server, '/healthz')).status).toBe(200);
});

test('anything else is not found, and nothing can be written', async () => {
  const server = await open();
  for (const path of ['/', '/metrics/', '/../etc/passwd', '/healthz%00']) {
    expect((await get(server, path)).status).toBe(404);
  }
  const post = await get(server, '/healthz', { method: 'POST', body: 'x'.repeat(10_000) });
  expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  const head = await get(server, '/healthz', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('a port that is taken is told as an error that a person can act on', async () => {
  const { port } = await open();
  await expect(open({ port })).rejects.toMatchObject({
    code: 'HTTP_PORT',
    message: expect.stringContaining(String(port)),
  });
});

test('it closes, whoever holds on: an idle connection, half a request, an answer that never comes', async () => {
  const never = new Promise<string>(() => undefined);
  let isAsked = (): void => undefined;
  const asked = new Promise<void>((resolve) => (isAsked = resolve));
  const metrics = (): Promise<string> => {
    isAsked();
    return never;
  };
  const server = await open({ metrics: { contentType: 'text/plain', metrics } });
  await (await get(server, '/healthz')).text(); // leaves a connection that is kept alive
  const hanging = get(server, '/metrics').catch((error: unknown) => error);
  const half = connect(server.port, '127.0.0.1');
  half.on('error', () => undefined);
  await once(half, 'connect');
  half.write('GET /healthz HTTP/1.1\r\nHost:');
  await asked;

  await server.close();
  expect(await hanging).toMatchObject({ message: 'fetch failed' });
  half.destroy();
});
