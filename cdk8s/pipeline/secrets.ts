import type { k8s } from 'cdk8s-plus-33';
import type { Pipeline, SecretRef } from '../../src/resource/pipeline.ts';

/**
 * The Secrets that a pipeline names, each key as the file `<folder>/<name>/<key>`. Of a Secret only the named keys are
 * mounted. They are files and never in the environment, which children inherit and crash reports print.
 */
export function secretSources(pipeline: Pipeline, folder: string): k8s.VolumeProjection[] {
  const keys = new Map<string, Set<string>>();
  for (const { name, key } of secretRefsOf(pipeline)) {
    keys.set(name, (keys.get(name) ?? new Set()).add(key));
  }
  return [...keys]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, ofSecret]) => ({
      secret: {
        name,
        items: [...ofSecret].toSorted().map((key) => ({ key, path: `${folder}/${name}/${key}` })),
      },
    }));
}

function secretRefsOf({ kafka, redis }: Pipeline): SecretRef[] {
  const { caSecretRef, certificateSecretRef } = kafka?.tls ?? {};
  const certificate = certificateSecretRef && [
    { name: certificateSecretRef.name, key: certificateSecretRef.certificate },
    { name: certificateSecretRef.name, key: certificateSecretRef.privateKey },
  ];
  return [
    caSecretRef,
    ...(certificate ?? []),
    kafka?.sasl?.passwordSecretRef,
    redis?.passwordSecretRef,
  ].filter((ref) => ref !== undefined);
}
