import { expect, test } from '@jest/globals';
import { AppliedObjects } from '../../../src/operator/applied.ts';
import type { KubeObject } from '../../../src/operator/kube-object.ts';

const DESIRED = object({ replicas: 2 });

test('what was applied is not due until it is changed, by us or by another', () => {
  const applied = new AppliedObjects();
  expect(applied.isDue(DESIRED, undefined)).toBe(true);
  applied.note(DESIRED, object({ replicas: 2, strategy: 'default' }, '10'));
  expect(applied.isDue(DESIRED, object({ strategy: 'default', replicas: 2 }, '11'))).toBe(false);
  expect(applied.isDue(DESIRED, object({ replicas: 1, strategy: 'default' }, '12'))).toBe(true);
  expect(applied.isDue(object({ replicas: 3 }), object({ replicas: 2, strategy: 'default' }, '11'))).toBe(
    true,
  );
});

test('a status or a counter that changes is no reason', () => {
  const applied = new AppliedObjects();
  applied.note(DESIRED, object({ replicas: 2 }, '10'));
  const later = object({ replicas: 2 }, '99');
  const counted = { ...later, metadata: { ...later.metadata, generation: 7 }, status: { replicas: 2 } };
  expect(applied.isDue(DESIRED, counted)).toBe(false);
});

test('a copy that is older than what was applied says nothing against it', () => {
  const applied = new AppliedObjects();
  applied.note(DESIRED, object({ replicas: 2 }, '100'));
  expect(applied.isDue(DESIRED, object({ replicas: 9 }, '99'))).toBe(false);
  expect(applied.isDue(DESIRED, undefined)).toBe(false);
});

test('what was deleted is due', () => {
  const applied = new AppliedObjects();
  applied.note(DESIRED, object({ replicas: 2 }, '100'));
  applied.forget(object({}, '101'));
  expect(applied.isDue(DESIRED, undefined)).toBe(true);
});

function object(spec: object, resourceVersion?: string): KubeObject {
  const metadata = { name: 'stocks', namespace: 'trading', ...(resourceVersion && { resourceVersion }) };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec };
}
