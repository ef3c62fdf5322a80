import { expect, test } from '@jest/globals';
import { OBJECT_SETS, titleOf } from '../support/manifest-objects.ts';
import { schemaMistakes } from '../support/object-schemas.ts';

test.each(Object.entries(OBJECT_SETS))(
  '%s: every object fits the schema of its kind',
  async (_name, objects) => {
    const mistakes = await Promise.all(
      objects.map(async (object) => ({ of: titleOf(object), found: await schemaMistakes(object) })),
    );
    expect(objects.length).toBeGreaterThan(0);
    expect(mistakes.filter(({ found }) => found.length > 0)).toEqual([]);
  },
);

test.each(Object.entries(OBJECT_SETS))('%s: no two objects are the same one', (_name, objects) => {
  const identities = objects.map(
    ({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`,
  );
  expect(new Set(identities).size).toBe(identities.length);
});

test('a field of the wrong type is noticed, and one that a custom kind has not', async () => {
  const [deployment, topic] = ['Deployment', 'KafkaTopic'].map((kind) => {
    const found = OBJECT_SETS['pipeline of examples/stocks.yaml'].find((object) => object.kind === kind);
    if (found === undefined) throw new Error(`There is no ${kind}.`);
    return found;
  });
  const spec = topic.spec as object;
  expect(
    await schemaMistakes({ ...deployment, spec: { ...(deployment.spec as object), replicas: 'two' } }),
  ).toEqual([expect.stringContaining('replicas')]);
  expect(await schemaMistakes({ ...topic, spec: { ...spec, partition: 3 } })).toHaveLength(1);
});
