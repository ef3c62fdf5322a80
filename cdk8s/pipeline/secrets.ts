import type * as k8s from 'cdk8s-plus-27/lib/imports/k8s.js';
import type { Pipeline } from '../../src/resource/pipeline.ts';
import { secretRefs } from '../../src/resource/secret-refs.ts';

/**
 * The Secrets that a pipeline names, each key as the file `<folder>/<name>/<key>`. Of a Secret only the named keys are
 * mounted. They are files and never in the environment, which children inherit and crash reports print.
 */
export function secretSources(pipeline: Pipeline, folder: string): k8s.VolumeProjection[] {
  const keys = new Map<string, Set<string>>();
  for (const { name, key } of secretRefs(pipeline)) {
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
