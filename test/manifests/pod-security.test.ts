import { expect, test } from '@jest/globals';
import { OBJECT_SETS, podTemplates, type PodTemplate } from '../support/manifest-objects.ts';

const PODS = Object.entries(OBJECT_SETS).flatMap(([set, objects]) =>
  podTemplates(objects).map(({ title, template }): [string, PodTemplate] => [`${set}: ${title}`, template]),
);

test('operator, aggregators and Redis are looked at', () => {
  const commands = PODS.flatMap(([, { spec }]) => spec.containers.map(({ name }) => name));
  expect(new Set(commands)).toEqual(new Set(['operator', 'aggregator', 'redis']));
});

test.each(PODS)('%s is held to the restricted Pod Security Standard', (_title, { spec }) => {
  expect(spec.securityContext).toMatchObject({
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  expect(spec.securityContext?.runAsUser).toBeGreaterThan(0);
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) expect(spec[field]).toBeUndefined();
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  }
  const kinds = (spec.volumes ?? []).flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'));
  const allowed = [
    'configMap',
    'csi',
    'downwardAPI',
    'emptyDir',
    'ephemeral',
    'persistentVolumeClaim',
    'projected',
    'secret',
  ];
  expect(kinds.filter((kind) => !allowed.includes(kind))).toEqual([]);
});

test.each(PODS)('%s takes no secret from its environment', (_title, { spec }) => {
  for (const { env = [], envFrom } of spec.containers) {
    expect(envFrom).toBeUndefined();
    expect(env.filter(({ valueFrom }) => valueFrom !== undefined && 'secretKeyRef' in valueFrom)).toEqual([]);
  }
});

test.each(PODS)('%s asks for what it needs and is bounded in memory', (_title, { spec }) => {
  for (const { resources } of spec.containers) {
    expect(resources?.requests).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
    expect(resources?.limits?.memory).toEqual(expect.any(String));
  }
});

test.each(PODS)('%s has a token of the API server only if it is the operator', (_title, { spec }) => {
  const isOperator = spec.containers.some(({ name }) => name === 'operator');
  expect(spec.automountServiceAccountToken).toBe(isOperator);
});
