import { Agent, request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { frontProxyOf, type FrontProxy, type User } from '../../../src/external-metrics/front-proxy.ts';
import { MetricsServer } from '../../../src/external-metrics/metrics-server.ts';
import type { Attributes } from '../../../src/external-metrics/request.ts';
import { Authority, type Issued } from '../../support/certificates.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const serving = new Authority(folder, 'serving');
const proxies = new Authority(folder, 'front-proxy');
const strangers = new Authority(folder, 'stranger');
const own = serving.issue('tidemark');
const proxy = proxies.issue('front-proxy-client');
const METRIC = '/apis/external.metrics.k8s.io/v1beta1/namespaces/trading/tidemark_desired_replicas';
const AUTOSCALER = {
  'X-Remote-User': 'autoscaler',
  'X-Remote-Group': ['controllers', 'system:authenticated'],
};

let server: MetricsServer;
/** What the API server would have been asked about. */
let asked: { user: User; attributes: Attributes }[] = [];

beforeAll(async () => {
  server = await MetricsServer.open({
    port: 0,
    authorize: (user, attributes) => {
      asked.push({ user, attributes });
      if (user.user === 'unlucky') return Promise.reject(new Error('the API server does not answer'));
      return Promise.resolve({ allowed: user.user === 'autoscaler' });
    },
    metric: ({ labelSelector }) => ({ status: 200, body: { items: [labelSelector] } }),
    answered: () => undefined,
  });
});

beforeEach(() => {
  asked = [];
  server.use(keys(own), proxied());
});

afterAll(() => server.close());

test('the front proxy gets what it asks for, and who it asks for is looked up', async () => {
  const answer = await ask(`${METRIC}?labelSelector=pipeline%3Dstocks`, {
    headers: { ...AUTOSCALER, 'X-Remote-Extra-Example.com%2fscopes': 'a', 'X-Remote-Uid': '17' },
  });
  expect(answer).toEqual({ status: 200, body: { items: ['pipeline=stocks'] } });
  expect(asked).toEqual([
    {
      user: {
        user: 'autoscaler',
        uid: '17',
        groups: ['controllers', 'system:authenticated'],
        extra: { 'example.com/scopes': ['a'] },
      },
      attributes: {
        resourceAttributes: {
          group: 'external.metrics.k8s.io',
          version: 'v1beta1',
          resource: 'tidemark_desired_replicas',
          namespace: 'trading',
          verb: 'list',
        },
      },
    },
  ]);
});

test('whoever has no certificate, or one of another authority, gets no answer at all', async () => {
  for (const client of [
    undefined,
    strangers.issue('front-proxy-client'),
    proxies.issue('front-proxy-client', { days: -1 }),
  ])
    await expect(ask(METRIC, { client, headers: AUTOSCALER })).rejects.toThrow(/alert|ECONNRESET|hang up/);
  expect(asked).toEqual([]);
});

test('a certificate of the right authority with a name that is not allowed is refused', async () => {
  const client = proxies.issue('someone-else');
  expect(await ask(METRIC, { client, headers: AUTOSCALER })).toMatchObject({
    status: 401,
    body: { code: 401 },
  });
  server.use(keys(own), proxied({ 'requestheader-allowed-names': '[]' }));
  expect(await ask(METRIC, { client, headers: AUTOSCALER })).toMatchObject({ status: 200 });
});

test.each([
  ['nobody is named', METRIC, {}, 401, 'no header says who asks'],
  [
    'the user has no right',
    METRIC,
    { 'X-Remote-User': 'eve' },
    403,
    'tidemark_desired_replicas.external.metrics.k8s.io is forbidden: User "eve" cannot list resource ' +
      '"tidemark_desired_replicas" in API group "external.metrics.k8s.io" in the namespace "trading"',
  ],
  [
    'the user has no right to a path',
    '/x',
    { 'X-Remote-User': 'eve' },
    403,
    'forbidden: User "eve" cannot get path "/x"',
  ],
  [
    'rights cannot be found out',
    METRIC,
    { 'X-Remote-User': 'unlucky' },
    500,
    'the API server does not answer',
  ],
  [
    'there is nothing',
    '/apis/external.metrics.k8s.io/v1',
    AUTOSCALER,
    404,
    'there is nothing at /apis/external.metrics.k8s.io/v1',
  ],
  ['it is a watch', `${METRIC}?watch=true`, AUTOSCALER, 405, 'metrics cannot be watched'],
  ['the path is broken', METRIC.replace('trading', '%E0%A4%A'), AUTOSCALER, 400, 'the URL cannot be read: '],
  [
    'JSON is not wanted',
    METRIC,
    { ...AUTOSCALER, Accept: 'application/vnd.kubernetes.protobuf' },
    406,
    'there is nothing but application/json',
  ],
])('where %s the answer is a Status', async (_what, path, headers, code, message) => {
  const { status, body } = await ask(path, { headers });
  expect({ status, body }).toMatchObject({
    status: code,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code,
      message: expect.stringContaining(message),
    },
  });
});

test('discovery lists the one metric, and health needs no user', async () => {
  expect(await ask('/apis/external.metrics.k8s.io/v1beta1', { headers: AUTOSCALER })).toMatchObject({
    status: 200,
    body: { kind: 'APIResourceList', resources: [{ name: 'tidemark_desired_replicas', namespaced: true }] },
  });
  expect(await ask('/healthz')).toEqual({ status: 200, body: 'ok' });
  expect(await ask(METRIC, { headers: AUTOSCALER, method: 'DELETE' })).toMatchObject({ status: 405 });
});

test('whom the front proxy vouches for is authenticated, also if it does not say so', async () => {
  await ask(METRIC, { headers: { 'X-Remote-User': 'autoscaler' } });
  await ask(METRIC, {
    headers: { 'X-Remote-User': 'system:anonymous', 'X-Remote-Group': 'system:unauthenticated' },
  });
  expect(asked.map(({ user }) => user.groups)).toEqual([
    ['system:authenticated'],
    ['system:unauthenticated'],
  ]);
});

test('when the authority of the front proxy changes, the old one is let in no more, nor on connections that stand', async () => {
  const newcomers = new Authority(folder, 'next-front-proxy');
  const both = `${proxies.certificate}${newcomers.certificate}`;
  server.use(keys(own), proxied({ 'requestheader-client-ca-file': both }));
  const client = newcomers.issue('front-proxy-client');
  const standing = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await ask(METRIC, { headers: AUTOSCALER, agent: standing })).toMatchObject({ status: 200 });
  expect(await ask(METRIC, { headers: AUTOSCALER, client })).toMatchObject({ status: 200 });
  server.use(keys(own), proxied({ 'requestheader-client-ca-file': newcomers.certificate }));
  expect(await ask(METRIC, { headers: AUTOSCALER, agent: standing })).toMatchObject({ status: 401 });
  standing.destroy();
  expect(await ask(METRIC, { headers: AUTOSCALER, client })).toMatchObject({ status: 200 });
  await expect(ask(METRIC, { headers: AUTOSCALER })).rejects.toThrow(/alert|ECONNRESET|hang up/);
});

test('a ConfigMap that names no authority lets nobody in', () => {
  expect(frontProxyOf(undefined)).toBeUndefined();
  expect(frontProxyOf(configMap({ 'requestheader-client-ca-file': '' }))).toBeUndefined();
});

function keys({ certificate, privateKey }: Issued) {
  return {
    certificate,
    privateKey,
    authorities: serving.certificate,
    authorityKey: '',
    authorityAddedMs: undefined,
  };
}

function proxied(data: Record<string, string> = {}): FrontProxy {
  const found = frontProxyOf(configMap(data));
  if (found === undefined) throw new Error('the ConfigMap names no front proxy');
  return found;
}

/** As API servers write it. */
function configMap(data: Record<string, string>) {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      'requestheader-client-ca-file': proxies.certificate,
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
      ...data,
    },
  };
}

interface Asking {
  readonly headers?: Record<string, string | string[]>;
  readonly method?: string;
  readonly client?: Issued | undefined;
  readonly agent?: Agent;
}

async function ask(
  path: string,
  asking: Asking = {},
): Promise<{ status: number | undefined; body: unknown }> {
  const { headers = {}, method = 'GET', agent = false } = asking;
  const client = 'client' in asking ? asking.client : proxy;
  return new Promise((resolve, reject) => {
    const options = {
      ...{ host: '127.0.0.1', port: server.port, path, method, headers, agent },
      ...{ ca: serving.certificate, cert: client?.certificate, key: client?.privateKey },
    };
    httpsRequest(options, (response) => {
      const { statusCode: status } = response;
      text(response).then((body) => {
        resolve({ status, body: body.startsWith('{') ? (JSON.parse(body) as unknown) : body });
      }, reject);
    })
      .once('error', reject)
      .end();
  });
}
