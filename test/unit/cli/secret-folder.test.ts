import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { SecretFolder } from '../../../src/cli/secret-folder.ts';
import { MountedSecrets } from '../../support/secrets.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const folder = temporaryFolder();
const secrets = new SecretFolder(folder);

test('a value is read anew each time, without the line feed at its end', () => {
  const mounted = new MountedSecrets(folder);
  mounted.set('login', { password: 'first\n' });
  expect(secrets.read({ name: 'login', key: 'password' })).toBe('first');
  mounted.set('login', { password: ' second ' });
  expect(secrets.read({ name: 'login', key: 'password' })).toBe(' second ');
});

test('values that are read together are of one version, whatever is swapped meanwhile', () => {
  const mounted = new MountedSecrets(folder);
  for (let version = 1; version <= 50; version++) {
    mounted.set('pair', { certificate: `c${version}`, key: `k${version}` });
    const [certificate, key] = secrets.readTogether('pair', ['certificate', 'key']);
    expect(key.slice(1)).toBe(certificate.slice(1));
  }
});

test('a folder of plain files will do', () => {
  mkdirSync(join(folder, 'plain'));
  writeFileSync(join(folder, 'plain', 'password'), 'secret');
  expect(secrets.read({ name: 'plain', key: 'password' })).toBe('secret');
});

test.each([
  ['nowhere', 'password', 'no such file or directory'],
  ['plain', 'empty', 'it is empty'],
])('a value that is not there is told with its path: %s/%s', (name, key, why) => {
  writeFileSync(join(folder, 'plain', 'empty'), '\n');
  expect(() => secrets.read({ name, key })).toThrow(
    `cannot read the key ${key} of the Secret ${name} at ${join(folder, name, key)}: ${why}`,
  );
});
