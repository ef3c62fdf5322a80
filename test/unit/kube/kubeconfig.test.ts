import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { findConnection } from '../../../src/kube/connection.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const before = process.env.KUBECONFIG;

afterEach(() => {
  if (before === undefined) delete process.env.KUBECONFIG;
  else process.env.KUBECONFIG = before;
});

test('a kubeconfig says where the API server is, and who we are to it', async () => {
  use({ token: 'secret-of-stocks' });
  const connection = await findConnection();
  expect(connection).toMatchObject({ server: 'https://cluster.example:6443', namespace: 'trading' });
  expect(connection.tls).toMatchObject({ ca: Buffer.from('an authority') });
  expect(await connection.headers()).toEqual({ Authorization: 'Bearer secret-of-stocks' });
});

test('a program that logs in is run, and its token used', async () => {
  const credential = {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { token: 'fresh' },
  };
  const script = `process.stdout.write(${JSON.stringify(JSON.stringify(credential))})`;
  const exec = {
    apiVersion: credential.apiVersion,
    command: process.execPath,
    args: ['-e', script],
    interactiveMode: 'Never',
  };
  use({ exec });
  expect(await (await findConnection()).headers()).toEqual({ Authorization: 'Bearer fresh' });
});

test('a program that fails to log in is told of, with what to do', async () => {
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', 'process.exit(3)'],
  };
  use({ exec });
  await expect(findConnection()).rejects.toMatchObject({
    code: 'KUBECONFIG_INVALID',
    remedy: expect.stringContaining('kubectl get pods'),
  });
});

test('a kubeconfig that is none is refused by name', async () => {
  const file = join(folder, 'broken');
  writeFileSync(file, '{ this is no yaml');
  process.env.KUBECONFIG = file;
  await expect(findConnection()).rejects.toMatchObject({ code: 'KUBECONFIG_INVALID' });
});

function use(user: object): void {
  const file = join(folder, 'kubeconfig');
  const ca = Buffer.from('an authority').toString('base64');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    clusters: [
      { name: 'c', cluster: { server: 'https://cluster.example:6443/', 'certificate-authority-data': ca } },
    ],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'here', context: { cluster: 'c', user: 'u', namespace: 'trading' } }],
  };
  writeFileSync(file, JSON.stringify(config));
  process.env.KUBECONFIG = file;
}
