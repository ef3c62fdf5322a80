import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { operatorObjects } from '../../cdk8s/operator/operator-parts.ts';
import { operatorValues } from '../../cdk8s/operator/operator-values.ts';
import { IMAGE_USER } from '../../cdk8s/pod-security.ts';
import { podTemplates } from '../support/manifest-objects.ts';

const ROOT = new URL('../../', import.meta.url);
const LINES = readFileSync(new URL('Dockerfile', ROOT), 'utf8').replaceAll(/\\\n/g, ' ').split('\n');

test('what the image is made from is pinned by digest', () => {
  const bases = argumentsOf('ARG').filter((argument) => /^(BUILD|BASE)=/.test(argument));
  expect(bases).toHaveLength(2);
  expect(bases.filter((base) => !/@sha256:[0-9a-f]{64}$/.test(base))).toEqual([]);
  expect(argumentsOf('FROM')).toEqual(['${BUILD} AS build', '${BASE}']);
});

test('it runs as the user that pods run as, by number', () => {
  expect(argumentsOf('USER')).toEqual([`${IMAGE_USER}:${IMAGE_USER}`]);
});

test('signals reach Node itself: there is no shell around it', () => {
  expect(argumentsOf('ENTRYPOINT').map((json) => JSON.parse(json) as unknown)).toEqual([
    ['node', '--max-semi-space-size=4', '/app/bin/tidemark.js'],
  ]);
});

test('the operator is started by what the image has, with flags of its own', () => {
  const [entrypoint] = argumentsOf('ENTRYPOINT').map((json) => JSON.parse(json) as string[]);
  const values = operatorValues.parse({});
  const [operator] = podTemplates(operatorObjects({ values, namespace: 'tidemark' }));
  const [{ command = [] }] = operator.template.spec.containers;
  expect([command[0], command.at(-1)]).toEqual([entrypoint[0], entrypoint.at(-1)]);
});

test('whatever is copied into it exists and is let through to the build', () => {
  const [first, ...letThrough] = readFileSync(new URL('.dockerignore', ROOT), 'utf8').trim().split('\n');
  const copied = argumentsOf('COPY')
    .filter((argument) => !argument.startsWith('--from'))
    .flatMap((argument) => argument.split(' ').slice(0, -1));
  expect(first).toBe('*');
  expect(copied.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([]);
  expect(copied.filter((path) => !letThrough.includes(`!${path}`))).toEqual([]);
});

function argumentsOf(instruction: string): string[] {
  return LINES.filter((line) => line.startsWith(`${instruction} `)).map((line) =>
    line.slice(instruction.length + 1),
  );
}
